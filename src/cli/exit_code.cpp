#include "cli/exit_code.hpp"

#include "measure/request_sums.hpp"
#include "measure/validity.hpp"
#include "report/threshold.hpp"
#include "report/warnings.hpp"

#include <algorithm>
#include <array>

namespace lmstress::cli {

int exit_code_of_run(const run_summary& run, const limit_settings& limits, bool interrupted) {
    if (interrupted) return 130;
    const request_counts all = measure::counts_of(run.levels);
    // Also of a run that ended before its levels; not of a rehearsal that was all from memory.
    const bool remembered = all.from_cache > 0 && all.offered == 0;
    if (all.completed == 0 && !remembered) return 3;
    if (!report::api_without_answer(run).empty()) return 3;
    if (!measure::judge(run).valid()) return 5;
    if (!run.ended_early.empty()) return 4;
    const auto verdict = report::verdict_of(report::judge_thresholds(run));
    if (verdict == report::verdict::fail) return 4;
    if (verdict == report::verdict::undecided) return 6;
    if (verdict == report::verdict::pass) return 0;
    const double errors = static_cast<double>(all.failed + all.timed_out);
    if (errors > limits.max_error_rate * static_cast<double>(all.offered)) return 4;
    return 0;
}

int worse_exit_code(int a, int b) {
    constexpr std::array order = {130, 1, 2, 3, 5, 4, 6, 0};
    const auto rank = [&](int code) {
        return std::find(order.begin(), order.end(), code) - order.begin();
    };
    return rank(a) <= rank(b) ? a : b;
}

}  // namespace lmstress::cli
