#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace lmstress {

/// What an open loop asks of a level.
struct open_load {
    /// "constant", "poisson", "gamma:0.5", "trace"; "poisson (5/s for 2s, 10/s for 30s)".
    std::string arrivals;
    double requested_rate = 0;  ///< arrivals a second, the mean over the window
    bool steady = true;         ///< the rate is the same all the time
    friend bool operator==(const open_load&, const open_load&) = default;
};

/// What a level carried, over its window (docs/metrics.md). A request is in flight from its send to
/// its end.
struct load_figures {
    std::optional<double> achieved_rate = {};  ///< of an open loop: requests sent a second
    double in_flight_mean = 0;
    std::uint64_t in_flight_max = 0;
    /// In flight by the end less in flight at the beginning, along a line through all of it; absent
    /// where there is too little to look at.
    std::optional<double> in_flight_growth = {};
    /// Significantly more by the end, at 1 %.
    bool grows = false;
    /// |L - lambda W| / L; absent where nothing was in flight, or the level did not come to its
    /// end.
    std::optional<double> littles_residual = {};
    std::uint64_t shed_late = 0;  ///< of those shed: not sent for this process was late
};

}  // namespace lmstress
