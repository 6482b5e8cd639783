#pragma once

#include "lmstress/summary.hpp"
#include "report/threshold.hpp"

#include <string>

namespace lmstress::report {

/// The thresholds of a run and what became of them, a row each. Empty where it had none.
[[nodiscard]] std::string verdict_table(const run_summary& run);

/// Where a threshold was judged: "lmstudio 4 streams", or "run".
[[nodiscard]] std::string place_of(const judgement& j, const run_summary& run);
/// What was found there: "1500 (1400..1700)", "12.3 (n too small)", "this run has none".
[[nodiscard]] std::string found_text(const judgement& j);

/// The same as JUnit XML, which CI servers show: a test case for each threshold and level, one for
/// the validity of the run, and one for how it ended. An undecided threshold is an error, not a
/// failure: the run was too short to say. Nothing of it is red only where the exit code is 0.
[[nodiscard]] std::string junit_xml(const run_summary& run);

}  // namespace lmstress::report
