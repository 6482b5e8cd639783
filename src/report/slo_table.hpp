#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// What became of the objective that each request was held to: a row a level, with the requests
/// that met it among those offered, its 95 % interval, the goodput, and each clause on its own.
/// Empty where nothing was promised.
[[nodiscard]] std::string slo_table(const run_summary& run);

}  // namespace lmstress::report
