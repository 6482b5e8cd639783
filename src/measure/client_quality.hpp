#pragma once

#include "lmstress/summary.hpp"

#include <optional>

namespace lmstress::measure {

/// How this client was while a level ran, in the units of summary.json. Absent: nothing of it was
/// seen, or the level did not live to its end.
struct client_quality {
    std::optional<distribution> read_lag_ms;
    std::optional<distribution> event_loop_lag_ms;
    std::optional<double> cpu_share;  ///< of one core
};
[[nodiscard]] client_quality client_of(const level_summary& level);

}  // namespace lmstress::measure
