#pragma once

#include "lmstress/clock.hpp"
#include "net/timer_queue.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace lmstress::net {

/// CLOCK_MONOTONIC, with all wakeups behind one timer of the event loop.
///
/// Object lifetimes: outlives every wakeup that was handed to it; the context outlives the clock.
class real_clock final : public clock {
  public:
    explicit real_clock(boost::asio::io_context& context) : timer_(context) {}

    [[nodiscard]] instant now() const noexcept override { return std::chrono::steady_clock::now(); }
    void call_at(instant at, wakeup& w) override;
    void forget(wakeup& w) noexcept override;

  private:
    void arm();
    void fire();

    boost::asio::steady_timer timer_;
    timer_queue queue_;
    instant armed_for_ = instant::max();
};

}  // namespace lmstress::net
