#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// What the quantiles of the table are worth: a row a level, with n and the 95 % intervals of TTFT
/// and ITL, or "n too small". Fits 80 columns. Empty where no level has either.
[[nodiscard]] std::string interval_table(const run_summary& run);

/// Three digits that mean something; infinity, of a quantile beyond all that is known, as "> max".
[[nodiscard]] std::string number_text(double v, double known_up_to = 0);

/// A quantile of a distribution, scaled, as a cell of a table; in brackets where the values are too
/// few for an interval around it, which `few_values_note` explains.
[[nodiscard]] std::string quantile_text(const distribution& d, double distribution::* at,
                                        double scale = 1.0);
inline constexpr const char* few_values_note = "(in brackets: n too small for a 95 % interval)\n";

}  // namespace lmstress::report
