#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// The latencies of every level as a log of HdrHistogram, version 1.3 (docs/report.md): an interval
/// a metric, with the level's window as its time and "<run>.level<n>.<metric>" as its tag. Values
/// are in microseconds, to three digits, counted as its Java reference counts them.
[[nodiscard]] std::string hlog(std::span<const source> sources);

}  // namespace lmstress::report
