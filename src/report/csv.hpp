#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// A row for each level of every run, a column for each figure of summary.json, by its path:
/// "ttft_ms.p95", "ttft_ms.p95.low" (docs/report.md). Lines end with a line feed; a cell that a
/// spreadsheet would take for a formula begins with a quotation mark ('). The columns are always
/// the same; what is not known is empty.
[[nodiscard]] std::string csv(std::span<const source> sources);

}  // namespace lmstress::report
