#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/trace.hpp"

#include <vector>

namespace lmstress::cli {

/// The requests of the trace that the arrivals are those of. Precondition: they have one.
[[nodiscard]] result<std::vector<workload::trace_entry>> load_trace(const arrival_settings& a);

}  // namespace lmstress::cli
