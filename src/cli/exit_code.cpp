#include "cli/exit_code.hpp"

#include "report/verdict_state.hpp"

#include <algorithm>
#include <array>

namespace lmstress::cli {

int exit_code_of_run(const run_summary& run, const limit_settings& limits, bool interrupted) {
    using report::result_state;
    if (interrupted) return 130;
    switch (report::state_of(run, limits.max_error_rate, !run.ended_early.empty())) {
        case result_state::not_measured:
            // Also of a run that ended before its levels; not of a rehearsal.
            return report::all_from_memory(run) ? 0 : 3;
        case result_state::not_valid:
            return 5;
        case result_state::cut_short:
        case result_state::threshold_failed:
        case result_state::too_many_failed:
            return 4;
        case result_state::undecided:
            return 6;
        case result_state::measured:
            break;
    }
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
