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

/// What the runs themselves come to, whatever changed: 5 where one of either side is not valid; of
/// those of B 3 where none of its requests completed, and 4 where more of them failed than its
/// scenario allows (one with thresholds leaves that to them).
[[nodiscard]] int exit_code_of_sides(const compared_side& a, const compared_side& b);

}  // namespace lmstress::cli
