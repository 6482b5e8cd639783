#pragma once

#include "report/source.hpp"
#include "report/sweep_report.hpp"
#include "report/threshold.hpp"

#include <string>
#include <vector>

// What keeps the cells of a sweep from being good ones: sentences of a verdict, and of the table.

namespace lmstress::report {

/// "parallel 4, 8 streams".
[[nodiscard]] std::string place_of(const sweep_report& r, const analyze::measured_cell& m);

/// What became of a threshold in the cells of a sweep.
struct outcome_in_cells {
    verdict gravest = verdict::pass;
    /// " fails in 2 of 4 cells, the first of them parallel 4, 8 streams (812)"; empty where every
    /// cell passes.
    std::string where_not_passed = {};
};
[[nodiscard]] outcome_in_cells outcome_of(const sweep_report& r, const std::string& threshold);

/// The thresholds that some cells do not pass; of a sweep without any, in how many cells more
/// requests failed than --max-error-rate allows. As its exit code has it, in words.
[[nodiscard]] std::vector<std::string> failures_of_cells(const source& s);

/// Cells that were not measured, and those in which a setting was not in force.
[[nodiscard]] std::vector<std::string> gaps_of_cells(const sweep_report& r);

}  // namespace lmstress::report
