#include "cli/sweep_journal.hpp"

#include "store/journal.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <fstream>

namespace lmstress::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

/// Whatever differs in a sweep differs in this line.
std::string plan_line(const sweep_plan& plan, const std::string& scenario_json) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "plan").key("variants").begin_array();
    for (const server_variant& v : plan.variants) w.value(variant_name(v));
    w.end_array().key("loads").begin_array();
    for (const std::string& load : plan.loads) w.value(load);
    w.end_array().field("cells", plan.cells.size()).key("scenario").raw(scenario_json).end_object();
    return out;
}

std::string cell_line(const sweep_journal::finished_cell& c) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "cell").field("variant", c.cell.variant);
    w.field("load", c.cell.load).field("run", c.cell.run).field("directory", c.directory);
    w.field("exit_code", c.exit_code).end_object();
    return out;
}

/// Nothing for a line that is none, as the last one of a process that was killed.
std::optional<sweep_journal::finished_cell> cell_of(std::string_view line, const sweep_plan& plan) {
    json::error_code ec;
    const json::value v = json::parse(line, ec);
    if (ec || !v.is_object()) return std::nullopt;
    const json::object& o = v.get_object();
    for (const char* key : {"variant", "load", "run", "exit_code"}) {
        const json::value* number = o.if_contains(key);
        if (number == nullptr || !number->is_int64()) return std::nullopt;
    }
    const json::value* directory = o.if_contains("directory");
    if (directory == nullptr || !directory->is_string()) return std::nullopt;
    sweep_journal::finished_cell c{
        .cell = {static_cast<std::size_t>(o.at("variant").get_int64()),
                 static_cast<std::size_t>(o.at("load").get_int64()),
                 static_cast<std::uint32_t>(o.at("run").get_int64())},
        .directory = std::string{std::string_view{directory->get_string()}},
        .exit_code = static_cast<int>(o.at("exit_code").get_int64())};
    const bool planned =
        std::find(plan.cells.begin(), plan.cells.end(), c.cell) != plan.cells.end();
    return planned ? std::optional{c} : std::nullopt;
}

}  // namespace

result<sweep_journal> sweep_journal::open(const fs::path& directory, const sweep_plan& plan,
                                          const std::string& scenario_json, bool resume) {
    sweep_journal out{directory / "sweep.jsonl"};
    const std::string first = plan_line(plan, scenario_json);
    if (!resume) {
        const auto made = store::prepare_directory(directory);
        if (!made) return made.error();
        const auto written = store::write_file(out.file_, first + '\n');
        if (!written) return written.error();
        return out;
    }
    const auto content = store::read_file(out.file_);
    if (!content) {
        return error{errc::bad_file, directory.string() + " holds no sweep: it has no sweep.jsonl",
                     "--resume names the directory that --out named, or that the sweep printed."};
    }
    std::string_view rest = *content;
    bool begun = false;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (!begun && line != first) {
            return error{errc::usage,
                         directory.string() + " holds a sweep of other settings, loads or requests",
                         "--resume goes with the flags and the scenario that it was begun with; "
                         "the first line of its sweep.jsonl tells them."};
        }
        if (begun) {
            if (auto c = cell_of(line, plan)) out.finished_.push_back(*std::move(c));
        }
        begun = true;
    }
    return out;
}

bool sweep_journal::is_finished(const sweep_cell& cell) const {
    return std::any_of(finished_.begin(), finished_.end(),
                       [&](const finished_cell& f) { return f.cell == cell; });
}

result<void> sweep_journal::add(finished_cell cell) {
    std::ofstream out{file_, std::ios::app | std::ios::binary};
    out << cell_line(cell) + '\n' << std::flush;
    if (!out) return error{errc::output, "cannot write to " + file_.string()};
    finished_.push_back(std::move(cell));
    return {};
}

}  // namespace lmstress::cli
