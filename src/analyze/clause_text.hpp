#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::analyze {

/// "ttft < 2 s"
[[nodiscard]] std::string clause_text(const slo_clause& c);

}  // namespace lmstress::analyze
