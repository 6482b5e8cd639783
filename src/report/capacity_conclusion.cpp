#include "report/capacity_report.hpp"
#include "report/threshold.hpp"

#include <algorithm>
#include <map>

namespace lmstress::report {
namespace {

/// The smallest load that was measured and failed.
const analyze::capacity_step* beyond(const capacity_report& r) {
    if (!r.found.high || r.found.high->verdict != analyze::step_verdict::fails) return nullptr;
    const auto at = std::find_if(r.steps.rbegin(), r.steps.rend(),
                                 [&](const auto& s) { return s.load == r.found.high->load; });
    return at == r.steps.rend() ? nullptr : &*at;
}

/// The figure of a bound that the level breaks; empty where it breaks none, or fails the SLO.
std::string broken_bound(const capacity_report& r, const level_summary& level) {
    if (level.slo && level.slo->attainment < r.attainment) return {};
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = r.thresholds;
    run.levels.push_back(level);
    for (const judgement& j : judge_thresholds(run)) {
        const auto bound = parse_threshold(j.threshold);
        if (bound && j.value && !holds(*bound, *j.value)) return bound->path.front();
    }
    return {};
}

}  // namespace

std::optional<analyze::capacity_search::end> undecided_below(const capacity_report& r) {
    const auto& [low, high] = r.found;
    if (low || !high || high->verdict != analyze::step_verdict::fails) return std::nullopt;
    std::optional<analyze::capacity_search::end> out;
    for (const analyze::capacity_step& s : r.steps) {
        if (s.load >= high->load || (out && s.load < out->load)) continue;
        out = {.load = s.load, .verdict = s.verdict, .tested_again = out && out->load == s.load};
    }
    return out && out->verdict == analyze::step_verdict::undecided ? out : std::nullopt;
}

std::optional<analyze::capacity_search::end> failed_above(const capacity_report& r) {
    const auto& [low, high] = r.found;
    if (!low || !high || high->verdict != analyze::step_verdict::undecided) return std::nullopt;
    std::map<double, analyze::capacity_search::end> beyond;  // by their last verdicts
    for (const analyze::capacity_step& s : r.steps) {
        if (s.load <= high->load) continue;
        const bool again = beyond.contains(s.load);
        beyond[s.load] = {.load = s.load, .verdict = s.verdict, .tested_again = again};
    }
    for (const auto& [load, end] : beyond) {
        if (end.verdict == analyze::step_verdict::fails) return end;
    }
    return std::nullopt;
}

void conclude_capacity(capacity_report& r, std::uint64_t seed) {
    const auto points = analyze::load_points(r.steps);
    r.law = analyze::fit_scaling_law(points, seed);
    r.knee = analyze::knee_of(points);
    if (const auto* step = beyond(r)) {
        r.limit = analyze::what_limits(step->last, broken_bound(r, step->level.summary));
    }
}

}  // namespace lmstress::report
