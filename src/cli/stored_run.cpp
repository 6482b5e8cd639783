#include "cli/stored_run.hpp"

#include "measure/validity.hpp"
#include "store/journal.hpp"
#include "workload/scenario_json.hpp"

#include <system_error>
#include <utility>

namespace lmstress::cli {

result<stored_run> load_run(const std::filesystem::path& directory) {
    auto rebuilt = store::rebuild(directory, store::keep_requests::yes);
    if (!rebuilt) return rebuilt.error();
    stored_run out{.setup = std::move(rebuilt->summary.setup),
                   .levels = {},
                   .ended_early = std::move(rebuilt->summary.ended_early)};
    for (std::size_t i = 0; i < rebuilt->summary.levels.size(); ++i) {
        out.levels.push_back(
            {std::move(rebuilt->summary.levels[i]), std::move(rebuilt->requests[i])});
    }
    return out;
}

bool holds_run(const std::filesystem::path& directory) {
    std::error_code ec;
    return std::filesystem::exists(directory / "run.jsonl", ec) &&
           std::filesystem::exists(directory / "requests.jsonl", ec);
}

run_summary summary_of(const stored_run& run) {
    run_summary out{.setup = run.setup, .levels = {}, .exit_code = {}};
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
