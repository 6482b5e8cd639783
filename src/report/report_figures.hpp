#pragma once

#include "analyze/sweep_figure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// The figures of a level that a report draws over its loads: those of a sweep's tables, and
/// further ones, throughput first.
[[nodiscard]] const std::vector<analyze::sweep_figure>& report_figures();

/// "TTFT p95" and "ms": a figure's name ends with its unit.
[[nodiscard]] std::string_view name_of(const analyze::sweep_figure& f) noexcept;
/// The same with what it counts from, where that is not the send: "TTFT from the arrival p95".
[[nodiscard]] std::string name_of(const analyze::sweep_figure& f, const level_setup& level);
/// Whether a sample of requests gives it an interval: one that has none is too small.
[[nodiscard]] bool has_interval(const analyze::sweep_figure& f) noexcept;
[[nodiscard]] std::string_view unit_of(const analyze::sweep_figure& f) noexcept;

}  // namespace lmstress::report
