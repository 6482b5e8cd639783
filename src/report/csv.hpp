#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// A row for each level of every run, a column for each figure of summary.json, by its path:
/// "ttft_ms.p95", "ttft_ms.p95.low" (docs/report.md). Lines end with a line feed; a cell that a
/// spreadsheet would take for a formula begins with a quotation mark ('). What is not known is
/// empty. The figures that every level has are always there; those that only some have (a kind of
/// error, a clause of an SLO, a draft model) where one of them has it (csv_columns.hpp). Of several
/// APIs at once the rates stand in a row of their own, whose level is "together".
[[nodiscard]] std::string csv(std::span<const source> sources);

}  // namespace lmstress::report
