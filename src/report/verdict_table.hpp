#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// The thresholds of a run and what became of them, a row each. Empty where it had none.
[[nodiscard]] std::string verdict_table(const run_summary& run);

/// The same as JUnit XML, which CI servers show: a test case for each threshold and level. An
/// undecided one is an error, not a failure: the run was too short to say.
[[nodiscard]] std::string junit_xml(const run_summary& run);

}  // namespace lmstress::report
