#pragma once

#include "analyze/sweep.hpp"

#include <string_view>
#include <vector>

namespace lmstress::report {

/// The figures of a level that a report draws over its loads: those of a sweep's tables, and
/// further ones, throughput first.
[[nodiscard]] const std::vector<analyze::sweep_figure>& report_figures();

/// "TTFT p95" and "ms": a figure's name ends with its unit.
[[nodiscard]] std::string_view name_of(const analyze::sweep_figure& f) noexcept;
[[nodiscard]] std::string_view unit_of(const analyze::sweep_figure& f) noexcept;

}  // namespace lmstress::report
