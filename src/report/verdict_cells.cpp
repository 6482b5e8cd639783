#include "report/verdict_cells.hpp"

#include "measure/request_sums.hpp"
#include "report/interval_table.hpp"
#include "report/threshold.hpp"
#include "report/verdict_state.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::report {
namespace {

/// Of a sweep without thresholds.
std::string too_many_failures(const source& s) {
    const sweep_report& r = *s.sweep;
    std::size_t cells = 0;
    std::string first;
    double allowed = 0;
    for (std::size_t i = 0; i < r.cells.size(); ++i) {
        const run_summary& run = s.runs[i].summary;
        const request_counts all = measure::counts_of(run.levels);
        const double share = static_cast<double>(all.failed + all.timed_out) /
                             static_cast<double>(std::max<std::uint64_t>(all.offered, 1));
        const double most = max_error_rate_of(run.setup);
        if (share <= most || cells++ > 0) continue;
        allowed = most;
        first = fmt::format("{} ({} %{})", place_of(r, r.cells[i]), number_text(100 * share),
                            all.completed == 0 ? ": none completed" : "");
    }
    if (cells == 0) return {};
    return fmt::format(
        "In {} of {} more requests failed than the {:.3g} % that --max-error-rate allows, the "
        "first of them {}.",
        cells, wire::plural(r.cells.size(), "cell"), 100 * allowed, first);
}

}  // namespace

std::string place_of(const sweep_report& r, const analyze::measured_cell& m) {
    const bool streams = !m.figures.level.setup.open.has_value();
    const std::string load = streams ? wire::plural(m.figures.level.setup.concurrency, "stream")
                                     : r.plan.loads[m.cell.load];
    return variant_name(r.plan.variants[m.cell.variant]) + ", " + load;
}

outcome_in_cells outcome_of(const sweep_report& r, const std::string& threshold) {
    outcome_in_cells out;
    std::array<std::size_t, 2> n = {};
    std::array<std::string, 2> first;
    for (const analyze::measured_cell& m : r.cells) {
        run_summary run;
        run.setup.scenario_json = "{}";
        run.setup.thresholds = {threshold};
        run.levels.push_back(m.figures.level);
        const auto judged = judge_thresholds(run);
        const auto came = verdict_of(judged).value_or(verdict::pass);
        if (came == verdict::pass) continue;
        if (out.gravest != verdict::fail) out.gravest = came;
        const std::size_t i = came == verdict::fail ? 0 : 1;
        if (n[i]++ > 0) continue;
        first[i] = place_of(r, m);
        if (const auto& v = judged.front().value) first[i] += " (" + number_text(*v) + ')';
    }
    std::string& where = out.where_not_passed;
    for (const std::size_t i : {0U, 1U}) {
        if (n[i] == 0) continue;
        where += fmt::format("{} {} in {} of {}, the first of them {}", where.empty() ? "" : ";",
                             i == 0 ? "fails" : "is undecided", n[i],
                             wire::plural(r.cells.size(), "cell"), first[i]);
    }
    return out;
}

std::vector<std::string> failures_of_cells(const source& s) {
    std::vector<std::string> out;
    if (s.runs.empty()) return out;
    const std::vector<std::string>& thresholds = s.runs.front().summary.setup.thresholds;
    // Those that fail come first.
    std::vector<std::string> undecided;
    for (const std::string& one : thresholds) {
        const outcome_in_cells found = outcome_of(*s.sweep, one);
        if (found.gravest == verdict::pass) continue;
        auto& kind = found.gravest == verdict::fail ? out : undecided;
        kind.push_back("Threshold: " + one + found.where_not_passed + '.');
    }
    out.insert(out.end(), undecided.begin(), undecided.end());
    // What has thresholds is held to these alone.
    const std::string failures = thresholds.empty() ? too_many_failures(s) : "";
    if (!failures.empty()) out.push_back(failures);
    return out;
}

std::vector<std::string> gaps_of_cells(const sweep_report& r) {
    std::vector<std::string> out;
    if (const std::size_t missing = missing_cells(r); missing > 0) {
        out.push_back(fmt::format("Not measured: {}.",
                                  wire::part_of_its(missing, missing + r.cells.size(), "cell")));
    }
    std::size_t others = 0;
    std::string first;
    for (const analyze::measured_cell& m : r.cells) {
        const auto what = analyze::not_in_force(r.plan.variants[m.cell.variant], m.figures);
        if (what.empty() || others++ > 0) continue;
        first = place_of(r, m) + ": " + what.front();
    }
    if (others > 0) {
        out.push_back(
            fmt::format("NOT IN FORCE: in {} a setting was another one than was asked for. {}.",
                        wire::part_of_its(others, r.cells.size(), "cell"), first));
    }
    return out;
}

}  // namespace lmstress::report
