#pragma once

#include <chrono>
#include <cstdint>

namespace lmstress {

/// A point of monotonic time: CLOCK_MONOTONIC on a real clock, simulated time on a virtual one.
using instant = std::chrono::steady_clock::time_point;
using nanoseconds = std::chrono::nanoseconds;

/// Which clock gave the time at which bytes arrived.
enum class clock_source : std::uint8_t {
    kernel,    ///< the kernel's receive time, converted to the monotonic clock by its age
    user,      ///< the monotonic clock, read right after the bytes and before parsing them
    simulated  ///< virtual time, exact
};

/// Something to be called at a time. Lives in its owner; the clock keeps a pointer to it until it
/// is called or forgotten, so an owner calls clock::forget() before it ends.
class wakeup {
  public:
    virtual ~wakeup() = default;
    virtual void due() = 0;
};

/// The one source of time. Every timer of the program hangs on it, so the same code runs in real
/// time and, exactly and at once, in virtual time.
///
/// All calls are made on the thread that runs the event loop; now() of a real clock on any.
class clock {
  public:
    virtual ~clock() = default;
    [[nodiscard]] virtual instant now() const noexcept = 0;
    /// Calls `w.due()` once, from the event loop, at `at` or as soon after as it can; those of the
    /// same instant in the order of these calls. A wakeup has one time: a later call replaces it.
    virtual void call_at(instant at, wakeup& w) = 0;
    /// Takes a call back. Does nothing where none is outstanding.
    virtual void forget(wakeup& w) noexcept = 0;
};

}  // namespace lmstress
