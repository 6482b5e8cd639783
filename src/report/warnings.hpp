#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// What somebody who reads the numbers should know, a sentence or two each, the gravest first.
[[nodiscard]] std::vector<std::string> warnings(const run_summary& run);

}  // namespace lmstress::report
