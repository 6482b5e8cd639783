#pragma once

#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"

namespace lmstress::cli {

/// The exit code of a run that came to its end (docs/exit-codes.md). Of several that apply, the
/// first of 130, 3, 5, 4, 6.
[[nodiscard]] int exit_code_of_run(const run_summary& run, const limit_settings& limits,
                                   bool interrupted);

/// Of the exit codes of several runs the gravest: the first of 130, 1, 2, 3, 5, 4, 6, 0.
[[nodiscard]] int worse_exit_code(int a, int b);

}  // namespace lmstress::cli
