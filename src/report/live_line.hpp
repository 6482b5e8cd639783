#pragma once

#include "measure/live_counters.hpp"

#include <string>
#include <string_view>

namespace lmstress::report {

/// What a live line tells of.
struct live_look {
    measure::live_snapshot latest = {};
    /// A second or more before it, for rates; absent: there is none yet.
    std::optional<measure::live_snapshot> earlier = {};
    nanoseconds now{0};           ///< since the run began; time goes on between two snapshots
    std::string_view model = {};  ///< that is asked for
};

struct live_style {
    int width = 80;  ///< most columns that the line may take
    bool colour = false;
    bool bar = true;
};

/// One line without its end: where the run is, elapsed and left, requests in flight, tokens per
/// second, TTFT, errors. What matters least is shortened first where the width is small.
[[nodiscard]] std::string live_line(const live_look& look, const live_style& style);

}  // namespace lmstress::report
