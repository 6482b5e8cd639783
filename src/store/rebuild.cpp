#include "measure/level_fold.hpp"
#include "store/journal.hpp"
#include "store/record_json.hpp"
#include "store/run_json.hpp"

#include <algorithm>
#include <unordered_set>

namespace lmstress::store {
namespace {

/// The last moment that a record knows of.
std::optional<nanoseconds> latest(const request_record& r) {
    std::optional<nanoseconds> last;
    for (std::size_t i = 0; i < moment_count; ++i) {
        const auto at = r.moments.get(static_cast<moment>(i));
        if (at && (!last || *at > *last)) last = at;
    }
    return last;
}

/// A level that was cut off by the end of the process: its window reached as far as anything that
/// was written down.
level_course as_far_as_known(level_course planned, nanoseconds last_seen) {
    if (!planned.window_begin || *planned.window_begin > last_seen) return {};
    planned.window_end = planned.window_end ? std::min(*planned.window_end, last_seen) : last_seen;
    return planned;
}

}  // namespace

result<rebuilt> rebuild(const std::filesystem::path& directory, keep_requests keep) {
    const auto notes = read_file(directory / "run.jsonl");
    if (!notes) {
        return error{errc::bad_file, directory.string() + " holds no result: it has no run.jsonl"};
    }
    const auto requests = read_file(directory / "requests.jsonl");
    if (!requests) return requests.error();
    return rebuild_from(*notes, *requests, keep);
}

result<rebuilt> rebuild_from(std::string_view notes_text, std::string_view requests,
                             keep_requests keep) {
    const auto notes = read_run_notes(notes_text);
    if (!notes) return notes.error();

    rebuilt out;
    out.summary.setup = notes->setup;
    out.summary.exit_code = notes->exit_code;
    out.summary.ended_early = notes->ended_early;
    out.summary.server_states = notes->server_states;
    std::vector<measure::level_fold> folds;
    for (const auto& level : notes->levels) folds.emplace_back(level.setup);
    if (keep == keep_requests::yes) out.requests.resize(folds.size());
    std::vector<nanoseconds> last_seen(folds.size(), nanoseconds{0});
    std::unordered_set<std::uint64_t> seen;
    while (!requests.empty()) {
        const std::size_t end = std::min(requests.find('\n'), requests.size());
        auto record = record_of_line(requests.substr(0, end));
        requests.remove_prefix(std::min(end + 1, requests.size()));
        if (!record || record->level >= folds.size() || !seen.insert(record->index).second) {
            ++out.skipped_lines;
            continue;
        }
        folds[record->level].add(*record);
        nanoseconds& last = last_seen[record->level];
        last = std::max(last, latest(*record).value_or(last));
        if (keep == keep_requests::yes) out.requests[record->level].push_back(*std::move(record));
    }
    for (std::size_t i = 0; i < folds.size(); ++i) {
        const auto& level = notes->levels[i];
        out.summary.levels.push_back(folds[i].result(
            level.ended ? level.course : as_far_as_known(level.course, last_seen[i])));
    }
    return out;
}

}  // namespace lmstress::store
