#include "cli/stored_run.hpp"

#include "measure/validity.hpp"
#include "store/journal.hpp"
#include "wire/json_value.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

namespace lmstress::cli {

namespace json = boost::json;

namespace {

stored_run stored_from(store::rebuilt rebuilt) {
    stored_run out{.setup = std::move(rebuilt.summary.setup),
                   .levels = {},
                   .ended_early = std::move(rebuilt.summary.ended_early),
                   .exit_code = rebuilt.summary.exit_code};
    for (std::size_t i = 0; i < rebuilt.summary.levels.size(); ++i) {
        out.levels.push_back(
            {std::move(rebuilt.summary.levels[i]), std::move(rebuilt.requests[i])});
    }
    return out;
}

/// The requests that each level was offered, by the summary.json beside the journals.
std::optional<std::vector<std::uint64_t>> offered_by_summary(
    const std::filesystem::path& directory) {
    const auto text = store::read_file(directory / "summary.json");
    if (!text) return std::nullopt;
    std::vector<std::uint64_t> out;
    try {
        const json::value summary = wire::parse_nested(*text);
        for (const json::value& level : summary.at("levels").as_array()) {
            out.push_back(level.at("requests").at("offered").to_number<std::uint64_t>());
        }
    } catch (const std::exception&) {
        return std::nullopt;
    }
    return out;
}

/// Lines that are missing at the end of requests.jsonl leave no trace in it: only summary.json, the
/// last thing that a run writes, tells how many there were.
bool has_all_requests(const std::filesystem::path& directory, const run_summary& run) {
    const auto offered = offered_by_summary(directory);
    return offered && std::equal(run.levels.begin(), run.levels.end(), offered->begin(),
                                 offered->end(), [](const level_summary& l, std::uint64_t n) {
                                     return l.requests.offered == n;
                                 });
}

}  // namespace

result<stored_run> load_run(const std::filesystem::path& directory) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    return stored_from(*std::move(rebuilt));
}

std::optional<stored_run> load_whole_run(const std::filesystem::path& directory) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    const bool whole = rebuilt && rebuilt->summary.exit_code && rebuilt->skipped_lines == 0 &&
                       has_all_requests(directory, rebuilt->summary);
    if (!whole) return std::nullopt;
    return stored_from(*std::move(rebuilt));
}

bool holds_run(const std::filesystem::path& directory) {
    return load_whole_run(directory).has_value();
}

run_summary summary_of(const stored_run& run) {
    run_summary out{.setup = run.setup, .levels = {}, .exit_code = run.exit_code};
    out.ended_early = run.ended_early;
    for (const analyze::measured_level& level : run.levels) out.levels.push_back(level.summary);
    return out;
}

std::string why_invalid(const run_summary& run) {
    for (const measure::bound& b : measure::judge(run).bounds) {
        if (!b.holds) return b.sentence;
    }
    return {};
}

std::string why_invalid(const stored_run& run) {
    return why_invalid(summary_of(run));
}

limit_settings limits_of(const run_setup& setup) {
    scenario s;
    // One of an older version may have a field that is none today: then the defaults hold.
    const auto read = workload::read_scenario(setup.scenario_json, "run.jsonl", s);
    return read ? s.limits : limit_settings{};
}

}  // namespace lmstress::cli
