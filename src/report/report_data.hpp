#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// All that the page of a report draws, as compact JSON: schema "lmstress.report/1"
/// (docs/schema/report.schema.json). Its size is bounded (docs/report.md).
[[nodiscard]] std::string report_json(std::span<const source> sources);

}  // namespace lmstress::report
