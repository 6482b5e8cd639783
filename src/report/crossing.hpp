#pragma once

#include "report/series.hpp"

namespace lmstress::report {

/// Where a series crosses the objective, by growing load and by what is sure of each: it holds
/// where the 95 % interval of the share is at or above `attainment`, fails where it is below, and
/// is undecided between. Nothing without an objective.
[[nodiscard]] std::optional<slo_crossing> crossing_of(const series& s, double attainment);

/// That of a capacity search, whose own verdicts count.
[[nodiscard]] slo_crossing crossing_of(const capacity_report& r);

}  // namespace lmstress::report
