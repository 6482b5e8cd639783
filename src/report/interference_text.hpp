#pragma once

#include "analyze/interference.hpp"

#include <string>

namespace lmstress::report {

/// "While the prompt of another request was processed, the median gap of a running stream was ..."
[[nodiscard]] std::string interference_sentence(const analyze::prefill_interference& i);

}  // namespace lmstress::report
