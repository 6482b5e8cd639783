#pragma once

#include "lmstress/summary.hpp"

#include <optional>
#include <string>

namespace lmstress::report {

/// How long made-up prompts were, a line a level, and what that was fitted to. Empty where none was
/// made up.
[[nodiscard]] std::string length_lines(const run_summary& run);

/// A sentence where the prompts of a level are not as long as was asked for, within 5 % by the
/// median, or nobody can say.
[[nodiscard]] std::optional<std::string> length_warning(const level_summary& level);

}  // namespace lmstress::report
