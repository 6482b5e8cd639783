#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <string>
#include <vector>

namespace lmstress::cli {

/// Whether each threshold is one, and of a figure that a run of this scenario can have; the same of
/// the clauses of its objective.
[[nodiscard]] result<void> check_thresholds(const scenario& s);

/// The thresholds of a run: those that are judged at its end, and those that may end it.
[[nodiscard]] std::vector<std::string> all_thresholds(const limit_settings& limits);

}  // namespace lmstress::cli
