#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::analyze {

/// "ttft < 2 s"
[[nodiscard]] std::string clause_text(const slo_clause& c);
/// All of them: "ttft < 2 s, tpot < 50 ms"
[[nodiscard]] std::string objective_text(const slo_summary& s);

}  // namespace lmstress::analyze
