#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// The requests of every level as a trace that chrome://tracing and Perfetto open (the Trace Event
/// Format, JSON): a process a level, a thread a stream, a span a request with those of its parts
/// within (connect, queue, load, prefill, decode, tools), stalls as instants, and what was in
/// flight and decoding as counters. Warm-up and drain are in it. Time zero is the first run's
/// beginning.
[[nodiscard]] std::string trace_json(std::span<const source> sources);

}  // namespace lmstress::report
