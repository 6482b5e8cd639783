#include "cli/sweep_journal.hpp"

#include "api/json_frame.hpp"
#include "cli/meant_model.hpp"
#include "cli/stored_run.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

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
    w.field("exit_code", c.exit_code).field("server_busy", c.server_busy);
    w.key("not_as_asked").begin_array();
    for (const std::string& what : c.not_as_asked) w.value(what);
    w.end_array().end_object();
    return out;
}

/// Older versions wrote none.
std::vector<std::string> texts_at(const json::object& line, std::string_view name) {
    std::vector<std::string> out;
    const json::value* all = line.if_contains(name);
    if (all == nullptr || !all->is_array()) return out;
    for (const json::value& one : all->get_array()) {
        if (one.is_string()) out.emplace_back(std::string_view{one.get_string()});
    }
    return out;
}

/// Nothing for a line that tells of no cell of the plan.
std::optional<sweep_journal::finished_cell> cell_of(const json::object& line,
                                                    const sweep_plan& plan) {
    const auto variant = api::count_at(line, "variant");
    const auto load = api::count_at(line, "load");
    const auto run = api::count_at(line, "run");
    const auto exit_code = api::count_at(line, "exit_code");
    const std::string_view directory = api::string_at(line, "directory");
    if (!variant || !load || !run || !exit_code || directory.empty()) return std::nullopt;
    const json::value* busy = line.if_contains("server_busy");  // older versions wrote none
    sweep_journal::finished_cell c{
        .cell = {static_cast<std::size_t>(*variant), static_cast<std::size_t>(*load),
                 static_cast<std::uint32_t>(*run)},
        .directory = std::string{directory},
        .exit_code = static_cast<int>(*exit_code),
        .server_busy = busy != nullptr && busy->is_bool() && busy->get_bool(),
        .not_as_asked = texts_at(line, "not_as_asked")};
    const bool planned =
        std::find(plan.cells.begin(), plan.cells.end(), c.cell) != plan.cells.end();
    return planned ? std::optional{c} : std::nullopt;
}

std::string kept_line(const std::string& model, const json::object& settings) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "kept").field("key", model);
    w.key("settings").raw(json::serialize(settings)).end_object();
    return out;
}

void take_kept(const json::object& line, std::map<std::string, json::object>& into) {
    const std::string_view key = api::string_at(line, "key");
    const json::value* settings = line.if_contains("settings");
    if (key.empty() || settings == nullptr || !settings->is_object()) return;
    into.emplace(key, settings->get_object());
}

void forget(std::vector<sweep_journal::finished_cell>& all, const sweep_cell& cell) {
    std::erase_if(all, [&](const auto& f) { return f.cell == cell; });
}

}  // namespace

result<sweep_journal> sweep_journal::open(const fs::path& directory, const sweep_plan& plan,
                                          const std::string& scenario_json, bool resume) {
    auto file = resume_journal::open({directory, "sweep.jsonl", "sweep"},
                                     plan_line(plan, scenario_json), resume);
    if (!file) return file.error();
    sweep_journal out{*std::move(file)};
    for (const json::object& line : out.file_.entries()) {
        take_kept(line, out.kept_);
        const auto c = cell_of(line, plan);
        if (!c) continue;
        // A cell that was lost and measured again has two lines, and the last one counts.
        forget(out.finished_, c->cell);
        forget(out.lost_, c->cell);
        const bool there = holds_run(directory / c->directory);
        (there ? out.finished_ : out.lost_).push_back(*c);
    }
    return out;
}

bool sweep_journal::is_finished(const sweep_cell& cell) const {
    return std::any_of(finished_.begin(), finished_.end(),
                       [&](const finished_cell& f) { return f.cell == cell; });
}

result<void> sweep_journal::add(finished_cell cell) {
    const auto added = file_.add(cell_line(cell));
    if (!added) return added;
    forget(finished_, cell.cell);
    finished_.push_back(std::move(cell));
    return {};
}

result<void> sweep_journal::were_busy(std::span<const sweep_cell> cells) {
    for (finished_cell& f : finished_) {
        if (f.server_busy || std::find(cells.begin(), cells.end(), f.cell) == cells.end()) continue;
        f.server_busy = true;
        const auto added = file_.add(cell_line(f));
        if (!added) return added;
    }
    return {};
}

result<void> sweep_journal::keep(const std::string& model, const json::object& settings) {
    const auto added = file_.add(kept_line(model, settings));
    if (added) kept_.emplace(model, settings);
    return added;
}

result<sweep_journal> begin_journal(const fs::path& directory, const scenario& s,
                                    const sweep_plan& plan, const std::string& scenario_json,
                                    bool resume) {
    const auto open = [&] { return sweep_journal::open(directory, plan, scenario_json, resume); };
    const bool named = std::all_of(plan.variants.begin(), plan.variants.end(),
                                   [](const server_variant& v) { return !v.model.empty(); });
    return named ? open() : open_with_model<sweep_journal>(s, resume, open);
}

}  // namespace lmstress::cli
