#pragma once

#include "analyze/measured_level.hpp"
#include "measure/steady_state.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

// What went on inside a level, over its time.

namespace lmstress::analyze {

/// The mean number of requests at something in each of so many equal parts of the window.
struct occupancy_series {
    std::vector<double> in_flight = {};   ///< sent and not ended
    std::vector<double> decoding = {};    ///< between first and last token: the server's batch
    std::vector<double> prefilling = {};  ///< empty where the server does not tell
};
/// All empty without a window.
[[nodiscard]] occupancy_series occupancy_over_time(const measured_level& level, std::size_t parts);

/// A metric that a request has once, at the time of its send, in milliseconds.
[[nodiscard]] std::vector<measure::timed_value> by_send(const measured_level& level,
                                                        std::string_view metric);
/// The gaps between the events of all requests, at the time of the later event, in milliseconds:
/// empty without the times of events (--events).
[[nodiscard]] std::vector<measure::timed_value> gaps_by_time(const measured_level& level);

}  // namespace lmstress::analyze
