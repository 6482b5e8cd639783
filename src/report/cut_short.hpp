#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// Whether a run did all that it set out to do: nobody interrupted it, no bound of its own ended
/// it, and it lived to say so.
[[nodiscard]] bool came_to_its_end(const run_summary& run) noexcept;

/// Of a run that did not: why, which level was cut and after how long, and which of its loads were
/// not measured at all; a sentence each. Empty for any other.
[[nodiscard]] std::vector<std::string> cut_short(const run_summary& run);

}  // namespace lmstress::report
