#pragma once

#include "analyze/measured_level.hpp"
#include "analyze/request_phases.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace lmstress::analyze {

/// A gap between two events of an answer, or between its last one and the time at which it was
/// given up or failed, that is long beside the others.
struct stall {
    nanoseconds begin{0};  ///< since the run began
    nanoseconds length{0};
    friend bool operator==(const stall&, const stall&) = default;
};

/// From which length on a gap is a stall: five times the level's median gap, and 50 ms at the
/// least, below which nobody sees it. Nothing where there are no gaps.
[[nodiscard]] std::optional<nanoseconds> stall_limit(const level_summary& level);

/// Those of a request, in their order. Gaps between events are known with their times (--events)
/// only; how long nothing more came, until it was given up or failed, always is.
[[nodiscard]] std::vector<stall> stalls_of(const request_record& r, nanoseconds limit);

/// A request as a bar: where its time went, and where it ended. `phases` is all zero, but for its
/// begin, for one that brought no token.
struct timeline_bar {
    const request_record* request = nullptr;
    request_phases phases;
    nanoseconds end{0};  ///< when it ended, failed or was given up, since the window began
    std::vector<stall> stalls = {};  ///< the longest of them, in their order
    std::size_t stall_count = 0;     ///< of all of them
    nanoseconds stalled{0};          ///< together
};

/// So many stalls of a request are told one by one: more are no longer seen as such, and an answer
/// of a thousand tokens can be made of nothing else.
inline constexpr std::size_t most_stalls = 8;

/// The requests of a level to look at: those that were sent one after another around the one with
/// the longest wait for its first token, `most` of them at most. They are neighbours because what
/// a request waits for is mostly another one. In the order of their sends; they point into the
/// level. One that was never sent is none of them.
[[nodiscard]] std::vector<timeline_bar> timeline_of(const measured_level& level, std::size_t most);

}  // namespace lmstress::analyze
