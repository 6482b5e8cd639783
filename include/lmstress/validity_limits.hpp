#pragma once

#include "lmstress/clock.hpp"

#include <chrono>
#include <cstdint>

namespace lmstress {

/// How far a client may be from ideal before a run's numbers are its own and not the server's.
/// docs/validity.md has the reason for each. Those that a user sets are zero where they are off.
struct validity_limits {
    /// p99, from the kernel's receive time of bytes to the return of the read that took them; a
    /// level whose gaps are long is allowed more (read_lag_of_gap).
    nanoseconds read_lag = std::chrono::milliseconds{1};
    nanoseconds event_loop_lag = std::chrono::milliseconds{5};  ///< p99
    nanoseconds send_lag = std::chrono::milliseconds{10};       ///< p99, of an open loop
    std::uint32_t client_cpu_percent = 85;                      ///< of one core

    static constexpr double read_lag_of_gap = 0.05;  ///< the same as a share of the median gap
    static constexpr double little_residual = 0.05;

    friend bool operator==(const validity_limits&, const validity_limits&) = default;
};

}  // namespace lmstress
