#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <vector>

// What keeps a run from being a good one, whatever its figures are: sentences of a verdict.

namespace lmstress::report {

[[nodiscard]] bool any_completed(const run_summary& run);

/// Of a run without a completed request: that nothing was measured, and what its requests came to.
[[nodiscard]] std::string nothing_measured(const run_summary& run);

/// Of one that has some: an API without an answer, more failures than --max-error-rate allows,
/// the threshold that ended it, those that failed or are undecided. What its exit code says
/// (docs/exit-codes.md), in words. Empty where there is nothing of the kind.
[[nodiscard]] std::vector<std::string> failures_of(const run_summary& run);

}  // namespace lmstress::report
