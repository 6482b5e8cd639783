#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// What somebody who reads the numbers should know, a sentence or two each, the gravest first.
[[nodiscard]] std::vector<std::string> warnings(const run_summary& run);

/// Of a run without a single completed request: what most of them ended as, and what to do.
struct verdict {
    std::string sentence;
    std::string advice;
};
[[nodiscard]] verdict nothing_completed(const run_summary& run);

}  // namespace lmstress::report
