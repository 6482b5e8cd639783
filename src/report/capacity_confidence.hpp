#pragma once

#include "report/capacity_report.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// The thresholds of the objective whose figures have an interval in none of its steps: they are
/// judged as they were measured, with no confidence to speak of.
[[nodiscard]] std::vector<std::string> bounds_without_interval(const capacity_report& r);

}  // namespace lmstress::report
