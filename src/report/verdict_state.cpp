#include "report/verdict_state.hpp"

#include "lmstress/scenario.hpp"
#include "measure/request_sums.hpp"
#include "measure/validity.hpp"
#include "report/cut_short.hpp"
#include "report/threshold.hpp"
#include "report/warnings.hpp"
#include "wire/json_value.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::report {
namespace {

namespace json = boost::json;

struct names_of_state {
    std::string_view in_data;
    std::string_view in_words;
};
constexpr std::array<names_of_state, 7> names = {{{"measured", "measured"},
                                                  {"undecided", "undecided"},
                                                  {"too_many_failed", "too many requests failed"},
                                                  {"threshold_failed", "a threshold failed"},
                                                  {"cut_short", "cut short"},
                                                  {"not_valid", "not valid"},
                                                  {"not_measured", "not measured"}}};

/// What stands against it where it measured something.
result_state judged(const run_summary& run, double max_error_rate, bool cut_short) {
    if (!measure::judge(run).valid()) return result_state::not_valid;
    if (cut_short) {
        return ended_by_threshold(run) ? result_state::threshold_failed : result_state::cut_short;
    }
    const auto of_thresholds = verdict_of(judge_thresholds(run));
    if (of_thresholds == verdict::fail) return result_state::threshold_failed;
    if (of_thresholds == verdict::undecided) return result_state::undecided;
    if (of_thresholds == verdict::pass) return result_state::measured;
    const request_counts all = measure::counts_of(run.levels);
    const double errors = static_cast<double>(all.failed + all.timed_out);
    return errors > max_error_rate * static_cast<double>(all.offered)
               ? result_state::too_many_failed
               : result_state::measured;
}

bool any_completed(const source& s) {
    return std::any_of(s.runs.begin(), s.runs.end(), [](const source_run& run) {
        return measure::counts_of(run.summary.levels).completed > 0;
    });
}

result_state state_of_sweep(const source& s) {
    result_state worst =
        missing_cells(*s.sweep) > 0 ? result_state::cut_short : result_state::measured;
    for (const source_run& run : s.runs) {
        worst = std::max(worst, judged(run.summary, max_error_rate_of(run.summary.setup),
                                       !came_to_its_end(run.summary)));
    }
    for (const analyze::measured_cell& m : s.sweep->cells) {
        const server_variant& asked = s.sweep->plan.variants[m.cell.variant];
        // Its figures are those of another setting than the one by whose name they go.
        if (!analyze::not_in_force(asked, m.figures).empty()) {
            worst = std::max(worst, result_state::not_valid);
        }
    }
    return worst;
}

bool is_undecided(const capacity_report& r) {
    const auto& [low, high] = r.found;
    if (!low && !high) return true;
    return r.out_of_time || (high && high->verdict == analyze::step_verdict::undecided) ||
           undecided_below(r);
}

result_state state_of_capacity(const source& s) {
    const capacity_report& r = *s.capacity;
    result_state worst = r.ended_early.empty() ? result_state::measured : result_state::cut_short;
    if (is_undecided(r)) worst = std::max(worst, result_state::undecided);
    // Not even the first load held.
    const auto& [low, high] = r.found;
    const bool failed = !low && high && high->verdict == analyze::step_verdict::fails;
    if (failed && !undecided_below(r)) worst = std::max(worst, result_state::threshold_failed);
    for (const source_run& run : s.runs) {
        if (!came_to_its_end(run.summary)) worst = std::max(worst, result_state::cut_short);
        if (!measure::judge(run.summary).valid()) worst = result_state::not_valid;
    }
    return worst;
}

}  // namespace

std::string_view to_string(result_state s) noexcept {
    return names[static_cast<std::size_t>(s)].in_data;
}

std::optional<result_state> state_named(std::string_view in_data) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].in_data == in_data) return static_cast<result_state>(i);
    }
    return std::nullopt;
}

std::string_view words_for(result_state s) noexcept {
    return names[static_cast<std::size_t>(s)].in_words;
}

result_state state_of(const run_summary& run, double max_error_rate, bool cut_short) {
    const bool remembered = all_from_memory(run);
    const bool completed = measure::counts_of(run.levels).completed > 0;
    if (!completed && !remembered) return result_state::not_measured;
    if (!api_without_answer(run).empty()) return result_state::not_measured;
    const result_state out = judged(run, max_error_rate, cut_short);
    return remembered && out == result_state::measured ? result_state::not_measured : out;
}

result_state state_of(const run_summary& run) {
    return state_of(run, max_error_rate_of(run.setup), !came_to_its_end(run));
}

result_state state_of(const source& s) {
    if (s.runs.empty()) return result_state::not_measured;
    if (s.kind == source_kind::run) return state_of(s.runs.front().summary);
    if (!any_completed(s)) return result_state::not_measured;
    return s.kind == source_kind::sweep ? state_of_sweep(s) : state_of_capacity(s);
}

bool all_from_memory(const run_summary& run) {
    const request_counts all = measure::counts_of(run.levels);
    return all.from_cache > 0 && all.offered == 0;
}

double max_error_rate_of(const run_setup& setup) {
    const double usual = limit_settings{}.max_error_rate;
    json::error_code ec;
    const json::value all = wire::parse_nested(setup.scenario_json, ec);
    if (ec) return usual;
    const json::value* rate = all.find_pointer("/limits/max_error_rate", ec);
    return rate != nullptr && rate->is_number() ? rate->to_number<double>() : usual;
}

std::size_t missing_cells(const sweep_report& r) {
    const std::size_t planned = r.plan.variants.size() * r.plan.loads.size() * r.runs;
    return planned - std::min(planned, r.cells.size());
}

}  // namespace lmstress::report
