#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// What LM Studio said of itself during the run, in a line or two. Empty where it was not asked.
[[nodiscard]] std::string state_lines(const run_summary& run);

}  // namespace lmstress::report
