#pragma once

#include "lmstress/summary.hpp"
#include "measure/bounds.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace lmstress::measure {

/// What speaks for a run's numbers, and what against them; over all of its levels.
struct validity {
    std::vector<bound> bounds;
    std::uint64_t kernel_stamps = 0;  ///< reads timed by the kernel
    std::uint64_t user_stamps = 0;
    std::uint64_t events = 0;  ///< token-bearing
    std::uint64_t user_events = 0;
    std::uint64_t coalesced_events = 0;
    std::uint64_t unknown_events = 0;
    std::uint64_t histogram_overflow = 0;
    std::optional<distribution> read_lag_ms;  ///< from the kernel's receive time to our read
    std::optional<distribution> event_loop_lag_ms;
    std::optional<double> client_cpu_share;  ///< of one core, over the levels that ended
    std::uint64_t max_rss_bytes = 0;

    [[nodiscard]] bool valid() const noexcept {
        return std::all_of(bounds.begin(), bounds.end(), [](const bound& b) { return b.holds; });
    }
    /// The bound of that name. Precondition: there is one.
    [[nodiscard]] const bound& at(std::string_view name) const noexcept {
        return *std::find_if(bounds.begin(), bounds.end(),
                             [&](const bound& b) { return b.name == name; });
    }
};

[[nodiscard]] validity judge(const run_summary& run);

}  // namespace lmstress::measure
