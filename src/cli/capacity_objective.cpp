#include "cli/capacity_objective.hpp"

#include "report/threshold.hpp"
#include "workload/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace lmstress::cli {
namespace {

using analyze::step_judgement;
using analyze::step_verdict;

/// The worse of two verdicts: what fails one fails all.
step_judgement both(const step_judgement& a, const step_judgement& b) {
    const bool leans = a.leans && b.leans;
    if (a.verdict == step_verdict::fails || b.verdict == step_verdict::fails) {
        return step_verdict::fails;
    }
    return {a.verdict == step_verdict::holds ? b.verdict : a.verdict, leans};
}

step_judgement verdict_of_thresholds(const scenario& s, const analyze::measured_level& level) {
    if (s.limits.thresholds.empty()) return step_verdict::holds;
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = s.limits.thresholds;
    run.levels.push_back(level.summary);
    const auto judged = report::judge_thresholds(run);
    switch (report::verdict_of(judged).value_or(report::verdict::pass)) {
        case report::verdict::pass:
            return step_verdict::holds;
        case report::verdict::fail:
            return step_verdict::fails;
        case report::verdict::undecided:
            break;
    }
    const bool leans = std::all_of(judged.begin(), judged.end(), [](const report::judgement& j) {
        const auto bound = report::parse_threshold(j.threshold);
        return j.value && bound && report::holds(*bound, *j.value);
    });
    return {step_verdict::undecided, leans};
}

}  // namespace

analyze::capacity_hunt::judge judge_of(const scenario& s) {
    return [s](const analyze::measured_level& level) {
        step_judgement v = both(verdict_of_thresholds(s, level),
                                analyze::judge_errors(level.summary, s.limits.max_error_rate));
        if (s.limits.slo.any()) {
            v = both(v, analyze::judge_attainment(level, s.capacity.attainment));
        }
        return v;
    };
}

std::string objective_of(const scenario& s) {
    std::string out;
    if (s.limits.slo.any()) {
        out = fmt::format("{} in {:g} % of the requests", workload::slo_text(s.limits.slo),
                          100 * s.capacity.attainment);
    }
    for (const std::string& t : s.limits.thresholds) out += (out.empty() ? "" : ", ") + t;
    return out;
}

}  // namespace lmstress::cli
