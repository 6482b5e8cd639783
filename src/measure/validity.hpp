#pragma once

#include "lmstress/summary.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lmstress::measure {

/// What speaks for a run's numbers, and what against them.
struct validity {
    std::vector<std::string> reasons;  ///< why the run is not valid, a sentence each
    bool outcomes_add_up = true;
    std::uint64_t histogram_overflow = 0;
    std::uint64_t kernel_stamps = 0;  ///< reads timed by the kernel
    std::uint64_t user_stamps = 0;
    std::uint64_t coalesced_events = 0;
    std::uint64_t unknown_events = 0;
    std::optional<distribution> read_lag_ms;  ///< from the kernel's receive time to our read
    std::optional<double> client_cpu_share;   ///< of one core, over the levels that ended
    std::uint64_t max_rss_bytes = 0;

    [[nodiscard]] bool valid() const noexcept { return reasons.empty(); }
};

[[nodiscard]] validity judge(const run_summary& run);

}  // namespace lmstress::measure
