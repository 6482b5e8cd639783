#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// The result on a terminal: what was tested, a row a level, then the warnings in sentences. Fits
/// `width` columns (80 at least); from 100 on it shows queue time and E2E as well.
[[nodiscard]] std::string table(const run_summary& run, int width = 80);

}  // namespace lmstress::report
