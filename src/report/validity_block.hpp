#pragma once

#include "lmstress/summary.hpp"
#include "measure/validity.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// Why a run is not valid, a sentence each without its full stop, the gravest first. Empty where it
/// is valid.
[[nodiscard]] std::vector<std::string> reasons(const run_summary& run, const measure::validity& v);

/// What speaks for the numbers of a run and what against them (docs/validity.md), a line a subject,
/// each at the level where it is worst. Empty for a run without a level.
[[nodiscard]] std::string validity_block(const run_summary& run, const measure::validity& v,
                                         int width);

}  // namespace lmstress::report
