#include "net/timers.hpp"

#include "net/timer_queue.hpp"
#include "net/virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using net::deadline;
using net::sleeper;
namespace asio = boost::asio;
using calls = std::vector<std::pair<std::string, nanoseconds>>;

namespace {

/// Virtual time, and what was called when.
struct bench {
    auto call(const std::string& name) {
        return [this, name] { log.emplace_back(name, time.now() - instant{}); };
    }
    instant at(nanoseconds t) const { return instant{} + t; }

    asio::io_context context{1};
    net::virtual_clock time{context};
    calls log;
};

/// Counts how often the clock is asked, and passes everything on.
class counting_clock final : public clock {
  public:
    explicit counting_clock(clock& under) : under_(under) {}
    [[nodiscard]] instant now() const noexcept override { return under_.now(); }
    void call_at(instant at, wakeup& w) override {
        ++asked;
        under_.call_at(at, w);
    }
    void forget(wakeup& w) noexcept override { under_.forget(w); }
    int asked = 0;

  private:
    clock& under_;
};

/// Sleeps until `at`, then notes whether the time came.
asio::awaitable<void> sleep(bench& b, sleeper& s, instant at, std::string name) {
    const bool in_time = co_await s.until(at);
    b.call(name + (in_time ? " in time" : " interrupted"))();
}

}  // namespace

TEST_CASE("timers: an alarm is called at its time, once") {
    bench b;
    net::alarm a{b.time, b.call("a")};
    a.set(b.at(5ms + 1ns));
    b.time.run();
    b.time.run();
    CHECK(b.log == calls{{"a", 5ms + 1ns}});
}

TEST_CASE("timers: a later call of set() replaces the time of an alarm") {
    bench b;
    net::alarm a{b.time, b.call("a")};
    a.set(b.at(5ms));
    a.set(b.at(9ms));
    net::alarm c{b.time, b.call("c")};
    c.set(b.at(7ms));
    c.set(b.at(2ms));
    b.time.run();
    CHECK(b.log == calls{{"c", 2ms}, {"a", 9ms}});
}

TEST_CASE("timers: an alarm that was cancelled, or is gone, is not called") {
    bench b;
    net::alarm cancelled{b.time, b.call("cancelled")};
    cancelled.set(b.at(5ms));
    cancelled.cancel();
    auto gone = std::make_unique<net::alarm>(b.time, b.call("gone"));
    gone->set(b.at(6ms));
    gone.reset();
    b.time.run();
    CHECK(b.log.empty());
}

TEST_CASE("timers: at the same instant those are called first that were set first") {
    bench b;
    net::alarm second{b.time, b.call("second")};
    net::alarm first{b.time, b.call("first")};
    net::alarm third{b.time, b.call("third")};
    third.set(b.at(5ms));
    first.set(b.at(5ms));
    second.set(b.at(5ms));
    third.set(b.at(5ms));  // anew: behind the others
    b.time.run();
    CHECK(b.log == calls{{"first", 5ms}, {"second", 5ms}, {"third", 5ms}});
}

TEST_CASE("timers: what an alarm sets going is done before the next one of the same instant") {
    bench b;
    net::alarm first{b.time, [&] {
                         b.call("first")();
                         asio::post(b.context, b.call("posted by first"));
                     }};
    net::alarm second{b.time, b.call("second")};
    first.set(b.at(5ms));
    second.set(b.at(5ms));
    b.time.run();
    CHECK(b.log == calls{{"first", 5ms}, {"posted by first", 5ms}, {"second", 5ms}});
}

TEST_CASE("timers: virtual time stands still while anything can run, and never goes back") {
    bench b;
    net::alarm late{b.time, b.call("late")};
    net::alarm early{b.time, b.call("early")};
    net::alarm starter{b.time, [&] { early.set(b.at(3ms)); }};  // in the past by then
    starter.set(b.at(8ms));
    late.set(b.at(9ms));
    asio::post(b.context, [&] { asio::post(b.context, b.call("posted")); });
    b.time.run();
    CHECK(b.log == calls{{"posted", 0ms}, {"early", 8ms}, {"late", 9ms}});
}

TEST_CASE("timers: a deadline is called when its time has passed") {
    bench b;
    deadline d{b.time, b.call("d")};
    d.set_in(30ms, b.at(2ms));
    b.time.run();
    CHECK(b.log == calls{{"d", 32ms}});
}

TEST_CASE("timers: moving a deadline later does not ask the clock again until the old time") {
    bench b;
    counting_clock counting{b.time};
    deadline d{counting, b.call("d")};
    d.set_in(10ms, b.at(0ms));
    for (int ms = 1; ms <= 9; ++ms) d.set_in(10ms, b.at(nanoseconds{ms * 1'000'000}));
    CHECK(counting.asked == 1);
    net::alarm once_more{b.time, [&] { d.set_in(10ms, b.time.now()); }};
    net::alarm and_again{b.time, [&] { d.set_in(10ms, b.time.now()); }};
    once_more.set(b.at(12ms));
    and_again.set(b.at(14ms));
    b.time.run();
    CHECK(b.log == calls{{"d", 24ms}});
    CHECK(counting.asked == 3);  // at the beginning, at 10 ms and at 19 ms
}

TEST_CASE("timers: a deadline can be moved earlier") {
    bench b;
    deadline d{b.time, b.call("d")};
    d.set_in(10s, b.at(0ms));
    d.set_in(10ms, b.at(1ms));
    b.time.run();
    CHECK(b.log == calls{{"d", 11ms}});
}

TEST_CASE("timers: a deadline that was cancelled, or set to zero, is not called until set again") {
    bench b;
    deadline cancelled{b.time, b.call("cancelled")};
    cancelled.set_in(10ms, b.at(0ms));
    cancelled.cancel();
    deadline off{b.time, b.call("off")};
    off.set_in(10ms, b.at(0ms));
    off.set_in(0ms, b.at(0ms));
    b.time.run();
    CHECK(b.log.empty());
    cancelled.set_in(7ms, b.time.now());
    off.set_in(8ms, b.time.now());
    b.time.run();
    CHECK(b.log == calls{{"cancelled", 17ms}, {"off", 18ms}});
}

TEST_CASE("timers: a deadline cancelled and set again before its old time keeps the new one") {
    bench b;
    deadline d{b.time, b.call("d")};
    d.set_in(10ms, b.at(0ms));
    d.cancel();
    d.set_in(25ms, b.at(0ms));
    b.time.run();
    CHECK(b.log == calls{{"d", 25ms}});
}

TEST_CASE("timers: a deadline may set itself anew when it is called") {
    bench b;
    deadline* again = nullptr;
    deadline d{b.time, [&] {
                   b.call("d")();
                   if (b.log.size() < 3) again->set_in(5ms, b.time.now());
               }};
    again = &d;
    d.set_in(5ms, b.at(0ms));
    b.time.run();
    CHECK(b.log == calls{{"d", 5ms}, {"d", 10ms}, {"d", 15ms}});
}

TEST_CASE("timers: a sleeper wakes at its time, or at once where it has passed") {
    bench b;
    sleeper s{b.time};
    sleeper past{b.time};
    asio::co_spawn(b.context, sleep(b, s, b.at(5ms), "s"), asio::detached);
    asio::co_spawn(b.context, sleep(b, past, b.at(0ms), "past"), asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"past in time", 0ms}, {"s in time", 5ms}});
}

TEST_CASE("timers: a sleeper can be interrupted, and later sleeps end at once") {
    bench b;
    sleeper s{b.time};
    net::alarm waker{b.time, [&] { s.interrupt(); }};
    waker.set(b.at(3ms));
    asio::co_spawn(
        b.context,
        [&]() -> asio::awaitable<void> {
            co_await sleep(b, s, b.at(5ms), "first");
            co_await sleep(b, s, b.at(50ms), "second");
            co_await sleep(b, s, b.at(0ms), "third");
        },
        asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"first interrupted", 3ms},
                         {"second interrupted", 3ms},
                         {"third interrupted", 3ms}});
    CHECK(b.time.now() == b.at(3ms));
}

TEST_CASE("timers: an interrupt before the sleep ends it at once") {
    bench b;
    sleeper s{b.time};
    s.interrupt();
    asio::co_spawn(b.context, sleep(b, s, b.at(5ms), "s"), asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"s interrupted", 0ms}});
}

TEST_CASE("timers: who sleeps until interrupted sleeps for no less") {
    bench b;
    sleeper s{b.time};
    net::alarm waker{b.time, [&] { s.interrupt(); }};
    waker.set(b.at(24h));
    asio::co_spawn(
        b.context,
        [&]() -> asio::awaitable<void> {
            const bool in_time = co_await s.until_interrupted();
            b.call(in_time ? "in time" : "interrupted")();
        },
        asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"interrupted", 24h}});
}

TEST_CASE("timers: whoever interrupts a sleeper goes on first") {
    bench b;
    sleeper s{b.time};
    net::alarm waker{b.time, [&] {
                         s.interrupt();
                         b.call("waker")();
                     }};
    waker.set(b.at(3ms));
    asio::co_spawn(b.context, sleep(b, s, b.at(5ms), "s"), asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"waker", 3ms}, {"s interrupted", 3ms}});
}

TEST_CASE("timers: a sleeper can be used again after its time has come") {
    bench b;
    sleeper s{b.time};
    asio::co_spawn(
        b.context,
        [&]() -> asio::awaitable<void> {
            co_await sleep(b, s, b.at(5ms), "first");
            co_await sleep(b, s, b.at(9ms), "second");
        },
        asio::detached);
    b.time.run();
    CHECK(b.log == calls{{"first in time", 5ms}, {"second in time", 9ms}});
}

TEST_CASE("timers: the queue tells its earliest, and gives out only what is due") {
    class nothing final : public wakeup {
        void due() override {}
    };
    net::timer_queue q;
    nothing a;
    nothing b;
    CHECK_FALSE(q.earliest());
    CHECK(q.pop_due(instant{} + 1h) == nullptr);
    q.push(instant{} + 5ms, a);
    q.push(instant{} + 3ms, b);
    CHECK(q.earliest() == instant{} + 3ms);
    CHECK(q.pop_due(instant{} + 3ms - 1ns) == nullptr);
    CHECK(q.pop_due(instant{} + 3ms) == &b);
    CHECK(q.pop_due(instant{} + 3ms) == nullptr);
    q.remove(b);
    q.remove(a);
    CHECK_FALSE(q.earliest());
}
