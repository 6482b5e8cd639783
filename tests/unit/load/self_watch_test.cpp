#include "load/self_watch.hpp"

#include "measure/distribution.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <utility>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

/// A clock whose event loop takes up its timer when the test says so.
class late_clock final : public clock {
  public:
    [[nodiscard]] instant now() const noexcept override { return now_; }
    void call_at(instant at, wakeup& w) override {
        at_ = at;
        waiting_ = &w;
    }
    void forget(wakeup&) noexcept override { waiting_ = nullptr; }

    /// The loop is at it again, at that time since the start.
    void wake(nanoseconds at) {
        now_ = instant{} + at;
        if (waiting_ != nullptr && at_ <= now_) std::exchange(waiting_, nullptr)->due();
    }
    [[nodiscard]] bool waits() const { return waiting_ != nullptr; }

  private:
    instant now_{};
    instant at_{};
    wakeup* waiting_ = nullptr;
};

const measure::window from_the_start{.begin = instant{}, .end = instant::max()};

distribution lag_of(const client_figures& c) {
    dense_histogram h;
    h.merge(c.loop_lag);
    return measure::distribution_of(h).value();
}

}  // namespace

TEST_CASE("self_watch: a loop that is on time has no lag") {
    late_clock time;
    load::self_watch self{time, from_the_start};
    self.begin();
    for (int tick = 1; tick <= 100; ++tick) time.wake(tick * 10ms);
    const distribution lag = lag_of(self.end());
    CHECK(lag.count == 100);
    CHECK(lag.max == 0);
    CHECK_FALSE(time.waits());
}

TEST_CASE("self_watch: a stall counts as often as its length says, each time as what was left") {
    late_clock time;
    load::self_watch self{time, from_the_start};
    self.begin();
    for (int tick = 1; tick <= 80; ++tick) time.wake(tick * 10ms);
    time.wake(1000ms);  // 810 ms, 820 ms ... 1000 ms were due meanwhile
    const distribution lag = lag_of(self.end());
    CHECK(lag.count == 100);
    CHECK(lag.max == doctest::Approx(190));
    CHECK(lag.p99 == doctest::Approx(180).epsilon(0.01));
    CHECK(lag.p90 == doctest::Approx(90).epsilon(0.02));
    CHECK(lag.p50 == 0);
}

TEST_CASE("self_watch: a loop that is always a little late is so in every tick") {
    late_clock time;
    load::self_watch self{time, from_the_start};
    self.begin();
    for (int tick = 1; tick <= 100; ++tick) time.wake(tick * 10ms + 3ms);
    const distribution lag = lag_of(self.end());
    CHECK(lag.count == 100);
    CHECK(lag.min == doctest::Approx(3));
    CHECK(lag.max == doctest::Approx(3));
}

TEST_CASE("self_watch: what was before the window is not in it") {
    late_clock time;
    const measure::window later{.begin = instant{} + 500ms, .end = instant::max()};
    load::self_watch self{time, later};
    self.begin();
    time.wake(480ms);  // late by up to 470 ms, in the warm-up
    for (int tick = 49; tick <= 150; ++tick) time.wake(tick * 10ms);
    const client_figures c = self.end();
    CHECK(lag_of(c).max == 0);
    CHECK(lag_of(c).count == 101);
    CHECK(c.wall == 1s);
}

TEST_CASE(
    "self_watch: a window of a second or more is measured alone, a shorter one with its drain") {
    late_clock time;
    load::self_watch whole{time, from_the_start};
    whole.begin();
    for (int tick = 1; tick <= 100; ++tick) time.wake(tick * 10ms);
    whole.window_over();
    for (int tick = 101; tick <= 500; ++tick) time.wake(tick * 10ms);
    CHECK(whole.end().wall == 1s);

    late_clock again;
    load::self_watch cut{again, from_the_start};
    cut.begin();
    for (int tick = 1; tick <= 99; ++tick) again.wake(tick * 10ms);
    cut.window_over();
    for (int tick = 100; tick <= 500; ++tick) again.wake(tick * 10ms);
    CHECK(cut.end().wall == 5s);
}

TEST_CASE("self_watch: a level that never came to its window has no lag") {
    late_clock time;
    const measure::window never;
    load::self_watch self{time, never};
    self.begin();
    for (int tick = 1; tick <= 10; ++tick) time.wake(tick * 10ms + 5ms);
    CHECK(self.end().loop_lag.exact().total() == 0);
}
