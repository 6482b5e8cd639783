#pragma once

#include "lmstress/clock.hpp"
#include "net/timer_queue.hpp"

#include <boost/asio/io_context.hpp>

namespace lmstress::net {

/// Time that stands still while anything can run and then jumps to the next wakeup: what happens is
/// what would happen on a machine that computes in no time, exact to the nanosecond.
class virtual_clock final : public clock {
  public:
    explicit virtual_clock(boost::asio::io_context& context) : context_(context) {}

    [[nodiscard]] instant now() const noexcept override { return now_; }
    void call_at(instant at, wakeup& w) override { queue_.push(at, w); }
    void forget(wakeup& w) noexcept override { queue_.remove(w); }

    /// Runs the event loop until nothing is left to run or to wait for.
    void run();
    /// Time goes on while nothing can run, as for a process that is stopped for so long.
    void stall(nanoseconds length) noexcept { now_ += length; }

  private:
    boost::asio::io_context& context_;
    timer_queue queue_;
    instant now_{};
};

}  // namespace lmstress::net
