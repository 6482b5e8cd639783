#include "net/gate.hpp"

#include "net/virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using net::gate;

namespace {

namespace asio = boost::asio;

/// Somebody who wants in at once, stays for a while, and leaves.
struct visitor {
    gate::place place = {};
    bool asked_in = false;
    bool got_in = false;
    nanoseconds at{0};
};

class visitors {
  public:
    explicit visitors(std::size_t width, nanoseconds spell) : gate_(time_, width, spell) {}

    visitor& comes(nanoseconds stay) {
        all_.push_back(std::make_unique<visitor>());
        asio::co_spawn(context_, visit(*all_.back(), stay), asio::detached);
        return *all_.back();
    }
    void run() { time_.run(); }
    gate& door() { return gate_; }
    net::virtual_clock& time() { return time_; }
    [[nodiscard]] const std::vector<std::unique_ptr<visitor>>& all() const { return all_; }
    [[nodiscard]] std::size_t most_inside() const { return most_; }

    nanoseconds start_costs{0};  // time in which this client does nothing else

  private:
    asio::awaitable<void> visit(visitor& v, nanoseconds stay) {
        v.got_in = gate_.try_enter();
        v.asked_in = true;
        if (!v.got_in) v.got_in = co_await gate_.enter(v.place);
        if (!v.got_in) co_return;
        v.at = time_.now() - instant{};
        time_.stall(start_costs);
        most_ = std::max(most_, ++inside_);
        net::sleeper sleep{time_};
        const bool slept = co_await sleep.until(time_.now() + stay);
        static_cast<void>(slept);
        --inside_;
        gate_.leave();
    }

    asio::io_context context_{1};
    net::virtual_clock time_{context_};
    gate gate_;
    std::vector<std::unique_ptr<visitor>> all_;
    std::size_t inside_ = 0;
    std::size_t most_ = 0;
};

}  // namespace

TEST_CASE("gate: whoever finds room does not wait") {
    visitors v{4, 5ms};
    for (int i = 0; i < 4; ++i) v.comes(1s);
    v.run();
    for (const auto& one : v.all()) CHECK(one->at == 0ns);
}

TEST_CASE("gate: no more are inside than its width, and the first to come is the first let in") {
    visitors v{4, 0ms};
    for (int i = 0; i < 20; ++i) v.comes(10ms);
    v.run();
    CHECK(v.most_inside() == 4);
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(v.all()[i]->at == 10ms * static_cast<std::int64_t>(i / 4));
    }
}

TEST_CASE("gate: however fast they leave, no more go in within a spell") {
    visitors v{4, 5ms};
    for (int i = 0; i < 20; ++i) v.comes(0ms);
    v.run();
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(v.all()[i]->at == 5ms * static_cast<std::int64_t>(i / 4));
    }
}

TEST_CASE("gate: ten thousand connections begin within 0.8 s") {
    visitors v{gate::default_width, gate::default_spell};
    for (int i = 0; i < 10'000; ++i) v.comes(100us);
    v.run();
    CHECK(v.all().back()->got_in);
    CHECK(v.all().back()->at == 5ms * (9'999 / 64));
    CHECK(v.all().back()->at < 800ms);
}

TEST_CASE("gate: a client that comes late to its turns begins fewer, and all of them again after") {
    visitors v{64, 5ms};
    v.start_costs = 1ms;
    for (int i = 0; i < 5000; ++i) v.comes(100us);
    // Whoever else has something to do each millisecond.
    instant expected{};
    nanoseconds latest{0};
    net::alarm other{v.time(), [&] {
                         const instant now = v.time().now();
                         if (now > instant{} + 200ms) latest = std::max(latest, now - expected);
                         if (now > instant{} + 1s) v.start_costs = 0ns;
                         expected = now + 1ms;
                         if (now < instant{} + 2s) other.set(expected);
                     }};
    other.set(expected);
    v.run();
    CHECK(latest > 1ms);
    CHECK(latest < 15ms);
    const auto& all = v.all();
    CHECK(all.back()->got_in);
    CHECK(all.back()->at - all[all.size() - 65]->at == 5ms);
}

TEST_CASE("gate: who gives up waits no longer, and the next one has the turn") {
    visitors v{1, 0ms};
    v.comes(10ms);
    visitor& impatient = v.comes(10ms);
    visitor& next = v.comes(10ms);
    net::alarm gives_up{v.time(), [&] { v.door().give_up(impatient.place); }};
    gives_up.set(v.time().now() + 3ms);
    v.run();
    CHECK(impatient.asked_in);
    CHECK_FALSE(impatient.got_in);
    CHECK(next.at == 10ms);
    // Of somebody who does not wait nothing is given up.
    v.door().give_up(next.place);
}
