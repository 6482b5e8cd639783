#include "cli/capacity_journal.hpp"

#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace lmstress::cli {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string search_line(scenario s) {
    s.output.directory.clear();
    s.capacity.max_time = capacity_settings{}.max_time;
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "search").key("scenario").raw(workload::to_json(s));
    w.end_object();
    return out;
}

std::string piece_line(const capacity_journal::piece& p) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "piece").field("load", p.load);
    w.field("directory", p.directory).field("exit_code", p.exit_code);
    w.field("took_ns", p.took.count()).field("server_busy", p.server_busy).end_object();
    return out;
}

/// False where an older version wrote none.
bool flag_at(const json::object& line, std::string_view name) {
    const json::value* v = line.if_contains(name);
    return v != nullptr && v->is_bool() && v->get_bool();
}

std::optional<capacity_journal::piece> piece_of(const json::object& line) {
    const auto load = api::number_at(line, "load");
    const auto exit_code = api::count_at(line, "exit_code");
    const auto took = api::count_at(line, "took_ns");
    const std::string_view directory = api::string_at(line, "directory");
    if (!load || !exit_code || !took || directory.empty()) return std::nullopt;
    return capacity_journal::piece{.load = *load,
                                   .directory = std::string{directory},
                                   .exit_code = static_cast<int>(*exit_code),
                                   .took = nanoseconds{static_cast<std::int64_t>(*took)},
                                   .server_busy = flag_at(line, "server_busy")};
}

std::string busy_line(std::size_t first) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("event", "busy").field("first", first).end_object();
    return out;
}

void mark_busy(std::vector<capacity_journal::piece>& pieces, std::size_t first) {
    for (std::size_t i = first; i < pieces.size(); ++i) pieces[i].server_busy = true;
}

}  // namespace

result<capacity_journal> capacity_journal::open(const fs::path& directory, const scenario& s,
                                                bool resume) {
    auto file = resume_journal::open({directory, "capacity.jsonl", "capacity search"},
                                     search_line(s), resume);
    if (!file) return file.error();
    capacity_journal out{*std::move(file)};
    const auto entries = out.file_.entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto busy = api::count_at(entries[i], "first");
        if (busy) mark_busy(out.pieces_, static_cast<std::size_t>(*busy));
        auto p = piece_of(entries[i]);
        if (!p) continue;
        out.pieces_.push_back(*std::move(p));
        out.lines_.push_back(i);
    }
    return out;
}

result<void> capacity_journal::add(piece p) {
    const auto added = file_.add(piece_line(p));
    if (!added) return added;
    lines_.push_back(file_.entries().size() - 1);
    pieces_.push_back(std::move(p));
    return {};
}

result<void> capacity_journal::were_busy(std::size_t first) {
    const auto added = file_.add(busy_line(first));
    if (added) mark_busy(pieces_, first);
    return added;
}

result<void> capacity_journal::cut(std::size_t n) {
    if (n >= pieces_.size()) return {};
    const auto done = file_.cut(lines_[n]);
    if (!done) return done;
    pieces_.resize(n);
    lines_.resize(n);
    return {};
}

}  // namespace lmstress::cli
