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
    /// It is so much late, until that time, and not at all where it has something to do.
    void run_until(nanoseconds end, nanoseconds late = 0ns) {
        while (waiting_ != nullptr && at_ + late <= instant{} + end) wake(at_ + late - instant{});
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
    time.run_until(1010ms);
    const distribution lag = lag_of(self.end());
    CHECK(lag.count == 100);
    CHECK(lag.max == 0);
    CHECK_FALSE(time.waits());
}

TEST_CASE("self_watch: a stall counts as often as its length says, each time as what was left") {
    late_clock time;
    load::self_watch self{time, from_the_start};
    self.begin();
    time.run_until(810ms);
    time.wake(1010ms);  // one was due in each 10 ms of these
    const distribution lag = lag_of(self.end());
    CHECK(lag.count == 100);
    CHECK(lag.max == doctest::Approx(195).epsilon(0.03));
    CHECK(lag.p99 == doctest::Approx(185).epsilon(0.03));
    CHECK(lag.p90 == doctest::Approx(95).epsilon(0.06));
    CHECK(lag.p50 == 0);
}

TEST_CASE("self_watch: a loop that is always a little late is so in every tick") {
    late_clock time;
    load::self_watch self{time, from_the_start};
    self.begin();
    time.run_until(1s, 1ms);
    const distribution lag = lag_of(self.end());
    CHECK(lag.count >= 98);
    CHECK(lag.min == doctest::Approx(1));
    CHECK(lag.p50 == doctest::Approx(1));
}

TEST_CASE("self_watch: of stalls that come every 300 ms, as many ticks are late as they last") {
    for (const nanoseconds from : {0ms, 3ms, 7ms}) {
        late_clock time;
        load::self_watch self{time, from_the_start};
        self.begin();
        // 3 ms of each 300 ms: one of a hundred.
        for (nanoseconds stall = from + 300ms; stall < 60s; stall += 300ms) {
            time.run_until(stall);
            time.wake(stall + 3ms);
        }
        const distribution lag = lag_of(self.end());
        CHECK(lag.p95 == 0);
        CHECK(lag.max == doctest::Approx(3).epsilon(0.1));
        CHECK(lag.p99 < 1);
    }
}

TEST_CASE("self_watch: what was before the window is not in it") {
    late_clock time;
    const measure::window later{.begin = instant{} + 500ms, .end = instant::max()};
    load::self_watch self{time, later};
    self.begin();
    time.wake(480ms);  // late by up to 470 ms, in the warm-up
    time.run_until(1510ms);
    const client_figures c = self.end();
    CHECK(lag_of(c).max == 0);
    CHECK(lag_of(c).count == 101);
    CHECK(static_cast<double>(c.wall.count()) == doctest::Approx(1e9).epsilon(0.02));
}

TEST_CASE(
    "self_watch: a window of a second or more is measured alone, a shorter one with its drain") {
    late_clock time;
    load::self_watch whole{time, from_the_start};
    whole.begin();
    time.run_until(1s);
    time.wake(1s);
    whole.window_over();
    time.run_until(5s);
    CHECK(whole.end().wall == 1s);

    late_clock again;
    load::self_watch cut{again, from_the_start};
    cut.begin();
    again.run_until(990ms);
    cut.window_over();
    again.run_until(5s);
    again.wake(5s);
    CHECK(cut.end().wall == 5s);
}

TEST_CASE("self_watch: a level that never came to its window has no lag") {
    late_clock time;
    const measure::window never;
    load::self_watch self{time, never};
    self.begin();
    time.run_until(100ms, 5ms);
    CHECK(self.end().loop_lag.exact().total() == 0);
}
