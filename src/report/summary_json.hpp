#pragma once

#include "lmstress/summary.hpp"

#include <string>

namespace lmstress::report {

/// The content of summary.json, schema "lmstress.summary/1" (docs/results.md).
[[nodiscard]] std::string summary_json(const run_summary& run);
/// The same without `thresholds`, which are judged by the rest of it.
[[nodiscard]] std::string summary_json_without_thresholds(const run_summary& run);

}  // namespace lmstress::report
