#pragma once

#include "lmstress/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace lmstress::net {

/// Calls a function at a time.
class alarm final : wakeup {
  public:
    alarm(clock& time, std::function<void()> call) : clock_(time), call_(std::move(call)) {}
    ~alarm() override { clock_.forget(*this); }
    alarm(alarm&&) = delete;

    void set(instant at) { clock_.call_at(at, *this); }
    void cancel() noexcept { clock_.forget(*this); }

  private:
    void due() override { call_(); }

    clock& clock_;
    std::function<void()> call_;
};

/// An alarm whose time moves on with every event. Moving it later costs an assignment: the clock is
/// asked again only when the old time comes.
class deadline final : wakeup {
  public:
    deadline(clock& time, std::function<void()> call) : clock_(time), call_(std::move(call)) {}
    ~deadline() override { clock_.forget(*this); }
    deadline(deadline&&) = delete;

    /// A duration of zero switches it off.
    void set_in(nanoseconds wait, instant now);
    void cancel() noexcept { at_ = instant::max(); }

  private:
    void due() override;

    clock& clock_;
    std::function<void()> call_;
    instant at_ = instant::max();
    instant asked_for_ = instant::max();  // what the clock knows
};

/// A point that one coroutine waits at until a time comes or somebody calls it away.
class sleeper final : wakeup {
  public:
    explicit sleeper(clock& time) : clock_(time) {}
    ~sleeper() override { clock_.forget(*this); }
    sleeper(sleeper&&) = delete;

    /// True when the time has come, false when interrupt() came first, also before this call.
    [[nodiscard]] boost::asio::awaitable<bool> until(instant at);
    /// Until interrupt() is called.
    [[nodiscard]] boost::asio::awaitable<bool> until_interrupted() { return until(instant::max()); }
    /// Ends the sleep, and every later one at once.
    void interrupt();

  private:
    void due() override { wake(true); }
    void wake(bool in_time);

    clock& clock_;
    std::function<void(bool)> resume_;  // the coroutine that waits
    bool interrupted_ = false;
};

}  // namespace lmstress::net
