#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// The figures of every level in Prometheus' text format, for a file collector or a push gateway.
/// Latencies are summaries, all else gauges: a result counts no further. Labels: run, model, api,
/// level, and streams or rate.
[[nodiscard]] std::string prometheus(std::span<const source> sources);

}  // namespace lmstress::report
