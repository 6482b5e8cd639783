#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// How the conversations of a level went: TTFT by turn and by depth of the prompt. Empty where none
/// has more than one turn.
[[nodiscard]] std::string turn_table(const level_summary& level);

}  // namespace lmstress::report
