#pragma once

#include "analyze/regression.hpp"
#include "cli/compared_sides.hpp"
#include "report/comparison_text.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lmstress::cli {

/// "4 streams over lmstudio": levels of the same name are of the same load.
[[nodiscard]] std::string compared_name(const level_setup& level);

/// What changed from A to B, level by level, as far as both have levels of the same load.
/// Precondition: each side has a run.
[[nodiscard]] report::comparison_report compare_sides(
    const compared_side& a, const compared_side& b, std::uint64_t seed,
    const std::vector<analyze::regression_rule>& rules);

/// What the runs themselves come to, whatever changed: of those of either side 3 where none of its
/// requests completed, 5 where it is not valid, 130 where it was interrupted and 4 where it was
/// killed, and what it was left out for; of those of B what each of them comes to by itself
/// (exit_code_of_run). What else became of A is no fault of B, which is judged by it.
[[nodiscard]] int exit_code_of_sides(const compared_side& a, const compared_side& b);

}  // namespace lmstress::cli
