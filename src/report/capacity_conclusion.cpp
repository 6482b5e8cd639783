#include "report/capacity_confidence.hpp"
#include "report/capacity_report.hpp"
#include "report/limit_of_errors.hpp"
#include "report/threshold.hpp"
#include "report/verdict_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace lmstress::report {
namespace {

using analyze::capacity_search;
using analyze::capacity_step;
using analyze::step_verdict;

/// What was said of a load last: the step has all that was measured of it.
struct last_word {
    const capacity_step* step;
    bool again;  ///< it was tested before
    [[nodiscard]] capacity_search::end end() const {
        return {.load = step->load, .verdict = step->verdict, .tested_again = again};
    }
};

std::map<double, last_word> last_words(const capacity_report& r) {
    std::map<double, last_word> out;
    for (const capacity_step& s : r.steps) {
        const bool again = out.contains(s.load);
        out[s.load] = {&s, again};
    }
    return out;
}

/// The smallest load beyond `above` that failed.
std::optional<last_word> first_failed(const capacity_report& r, double above) {
    const auto all = last_words(r);
    const auto at = std::find_if(all.upper_bound(above), all.end(), [](const auto& one) {
        return one.second.step->verdict == step_verdict::fails;
    });
    return at == all.end() ? std::nullopt : std::optional{at->second};
}

std::vector<judgement> judged_by_bounds(const capacity_report& r, const level_summary& level) {
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = r.thresholds;
    run.levels.push_back(level);
    return judge_thresholds(run);
}

struct broken_bound {
    threshold bound;
    judgement judged;
    /// "Threshold requests.failed < 3 failed: 12.", where it is sure.
    [[nodiscard]] std::string sentence() const {
        if (judged.verdict != verdict::fail) return {};
        const bool counted = !judged.ci95 && *judged.value == std::floor(*judged.value);
        return fmt::format("Threshold {} failed: {}.", judged.threshold,
                           counted ? fmt::format("{:.0f}", *judged.value) : found_text(judged));
    }
    /// "ttft_ms.p95"
    [[nodiscard]] std::string figure() const {
        return fmt::format("{}", fmt::join(bound.path, "."));
    }
};

/// A bound that the level breaks, surely if there is one; nothing where it breaks none, or fails
/// the SLO.
std::optional<broken_bound> bound_broken(const capacity_report& r, const level_summary& level) {
    if (level.slo && level.slo->attainment < r.attainment) return std::nullopt;
    std::optional<broken_bound> out;
    for (const judgement& j : judged_by_bounds(r, level)) {
        auto bound = parse_threshold(j.threshold);
        if (!bound || !j.value || holds(*bound, *j.value)) continue;
        if (out && j.verdict != verdict::fail) continue;
        if (bound->path.front() == "metrics") bound->path.erase(bound->path.begin());
        out = broken_bound{*std::move(bound), j};
        if (j.verdict == verdict::fail) break;
    }
    return out;
}

/// Of a bound that no server can be too slow for: above what is better the more there is of it, or
/// below a time.
bool wants_less_of_good(const threshold& bound) {
    const bool less =
        bound.wanted == threshold::order::less || bound.wanted == threshold::order::less_or_equal;
    const std::string& name = bound.path.front();
    const bool of_speed = name == "throughput" || name.ends_with("_per_second");
    const bool of_time = name.ends_with("_ms");
    return (of_speed && less) || (of_time && !less);
}

bool has_too_many_errors(const capacity_report& r, const level_summary& level) {
    return analyze::judge_errors(level, r.max_error_rate).verdict == step_verdict::fails;
}

/// A pool that is full says more than that requests failed, and failures say more than what the
/// requests that did not fail waited for.
analyze::limit_found limit_by(const capacity_report& r, const capacity_step& step,
                              const std::optional<broken_bound>& broken) {
    const level_summary& level = step.level.summary;
    const auto found = analyze::what_limits(step.level, step.last, broken ? broken->figure() : "");
    if (found.is == analyze::limit::kv_pool) return found;
    const std::vector levels{&level};
    if (level.slo) {
        if (auto errors = limit_of_errors(levels, allowed_by_slo(r.attainment))) return *errors;
    }
    if (has_too_many_errors(r, level)) {
        const allowed_errors allowed{r.max_error_rate, "--max-error-rate allows"};
        if (auto errors = limit_of_errors(levels, allowed)) return *errors;
    }
    return broken ? limit_of_counted(level, broken->bound.path).value_or(found) : found;
}

/// With the bound that was broken, which may be one of many.
analyze::limit_found limit_at(const capacity_report& r, const capacity_step& step) {
    const auto broken = bound_broken(r, step.level.summary);
    analyze::limit_found found = limit_by(r, step, broken);
    if (!broken) return found;
    const std::string reason = broken->sentence();
    if (found.is != analyze::limit::errors && wants_less_of_good(broken->bound)) {
        return {.evidence = reason,
                .next_step = fmt::format("A server that is faster breaks {} sooner: no setting of "
                                         "it is in the way.",
                                         broken->judged.threshold)};
    }
    const bool both = !reason.empty() && !found.evidence.empty();
    found.evidence = reason + (both ? " " : "") + found.evidence;
    return found;
}

}  // namespace

std::optional<capacity_search::end> undecided_below(const capacity_report& r) {
    const auto& [low, high] = r.found;
    if (low || !high || high->verdict != step_verdict::fails) return std::nullopt;
    const auto all = last_words(r);
    const auto above = all.lower_bound(high->load);
    if (above == all.begin()) return std::nullopt;
    const capacity_search::end below = std::prev(above)->second.end();
    return below.verdict == step_verdict::undecided ? std::optional{below} : std::nullopt;
}

std::optional<capacity_search::end> failed_above(const capacity_report& r) {
    const auto& [low, high] = r.found;
    if (!low || !high || high->verdict != step_verdict::undecided) return std::nullopt;
    const auto failed = first_failed(r, high->load);
    return failed ? std::optional{failed->end()} : std::nullopt;
}

bool failed_by_errors(const capacity_report& r, double load) {
    const auto all = last_words(r);
    const auto at = all.find(load);
    if (at == all.end()) return false;
    const analyze::measured_level& level = at->second.step->level;
    const auto judged = judged_by_bounds(r, level.summary);
    return has_too_many_errors(r, level.summary) &&
           analyze::judge_attainment(level, r.attainment).verdict != step_verdict::fails &&
           std::none_of(judged.begin(), judged.end(),
                        [](const judgement& j) { return j.verdict == verdict::fail; });
}

std::vector<std::string> bounds_without_interval(const capacity_report& r) {
    std::vector<std::string> out = r.thresholds;
    for (const capacity_step& s : r.steps) {
        for (const judgement& j : judged_by_bounds(r, s.level.summary)) {
            if (j.ci95) std::erase(out, j.threshold);
        }
    }
    return out;
}

void conclude_capacity(capacity_report& r, std::uint64_t seed) {
    const auto points = analyze::load_points(r.steps);
    r.law = analyze::fit_scaling_law(points, seed);
    r.knee = analyze::knee_of(points);
    if (const auto failed = first_failed(r, 0)) r.limit = limit_at(r, *failed->step);
}

}  // namespace lmstress::report
