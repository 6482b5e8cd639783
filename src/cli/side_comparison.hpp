#pragma once

#include "analyze/regression.hpp"
#include "cli/compared_sides.hpp"
#include "report/comparison_text.hpp"

#include <cstdint>
#include <vector>

namespace lmstress::cli {

/// What changed from A to B, level by level, as far as both have levels of the same load.
/// Precondition: each side has a run.
[[nodiscard]] report::comparison_report compare_sides(
    const compared_side& a, const compared_side& b, std::uint64_t seed,
    const std::vector<analyze::regression_rule>& rules);

}  // namespace lmstress::cli
