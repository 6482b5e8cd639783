#pragma once

#include "analyze/capacity.hpp"
#include "lmstress/scenario.hpp"

#include <string>

namespace lmstress::cli {

/// Judges a step by all that the scenario holds it to: SLO, thresholds and --max-error-rate.
[[nodiscard]] analyze::capacity_hunt::judge judge_of(const scenario& s);
/// "ttft<2s in 95 % of the requests".
[[nodiscard]] std::string objective_of(const scenario& s);

}  // namespace lmstress::cli
