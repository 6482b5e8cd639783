#pragma once

#include "cli/compared_sides.hpp"
#include "lmstress/error.hpp"

#include <string>

namespace lmstress::cli {

/// Why one side may have fewer runs than the other, where a turn brought no result. Empty: each
/// did.
[[nodiscard]] std::string ended_early(const measured_sides& m);

/// Where that left a side without a run: where what was measured is, and how to go on.
[[nodiscard]] error nothing_to_compare(const measured_sides& m);

}  // namespace lmstress::cli
