#include "measure/steady_state.hpp"

#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
using measure::batch_means;
using measure::timed_value;

namespace {

/// A run of TTFTs, 8 a second, each like the one before it: a server whose queue is never empty.
struct simulated {
    nanoseconds span = 60s;
    nanoseconds transient = 0s;  ///< in which TTFTs fall from half as much again to their level
    double drift = 0;            ///< over the whole, as a share
    double following = 0.5;
    std::uint64_t seed = 1;
};

std::vector<timed_value> series(const simulated& s) {
    workload::random from{s.seed};
    std::vector<timed_value> out;
    double noise = from.normal();
    for (nanoseconds at = 0ns; at < s.span; at += 125ms) {
        noise = s.following * noise + std::sqrt(1 - s.following * s.following) * from.normal();
        const double through =
            static_cast<double>(at.count()) / static_cast<double>(s.span.count());
        const double warm = at < s.transient ? 1.5 : 1.0;
        out.push_back({at, 200 * warm * (1 + s.drift * through) * (1 + 0.15 * noise)});
    }
    return out;
}

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

}  // namespace

// Hundreds of runs: twenty may be lucky ones.
TEST_CASE("steady state: a transient of 10 s is found within 2 s in 18 of 20 runs") {
    for (const double following : {0.0, 0.5, 0.8}) {
        CAPTURE(following);
        int found = 0;
        for (std::uint64_t seed = 1; seed <= 400; ++seed) {
            const simulated s{.transient = 10s, .following = following, .seed = seed};
            const auto said = *measure::transient({series(s), s.span});
            found += std::abs(seconds(said) - 10) <= 2;
        }
        CHECK(found >= 360);
    }
}

TEST_CASE("steady state: on a stationary series it is silent in 19 of 20 runs") {
    for (const double following : {0.0, 0.5, 0.8}) {
        CAPTURE(following);
        int silent = 0;
        for (std::uint64_t seed = 1001; seed <= 1400; ++seed) {
            const simulated s{.following = following, .seed = seed};
            silent += *measure::transient({series(s), s.span}) == 0s;
        }
        CHECK(silent >= 380);
    }
}

TEST_CASE("steady state: a trend is significant where there is one") {
    for (const double following : {0.0, 0.5, 0.8}) {
        CAPTURE(following);
        int false_alarms = 0;
        int found = 0;
        for (std::uint64_t seed = 201; seed <= 300; ++seed) {
            const simulated flat{.following = following, .seed = seed};
            false_alarms += measure::drift_of({series(flat), flat.span})->significant;
            const simulated rising{.drift = 0.3, .following = following, .seed = seed};
            const auto d = *measure::drift_of({series(rising), rising.span});
            found += d.significant && d.change > 0.1 && d.change < 0.5;
        }
        CHECK(false_alarms <= 4);  // at 1 %
        // The more alike neighbours are, the fewer of them there are in effect.
        CHECK(found >= (following < 0.8 ? 95 : 75));
    }
}

TEST_CASE("steady state: too little says nothing") {
    const std::vector<timed_value> few(49, timed_value{1s, 1.0});
    CHECK_FALSE(measure::transient({few, 60s}));
    CHECK_FALSE(measure::drift_of({few, 60s}));
    const std::vector<timed_value> many(500, timed_value{1s, 1.0});
    CHECK_FALSE(measure::transient({many, 9s}));
    // All the same: nothing to find, and nothing divided by zero.
    CHECK(measure::transient({many, 60s}) == 0s);
    CHECK_FALSE(measure::drift_of({many, 60s})->significant);
}

TEST_CASE("steady state: more than half cannot be left out") {
    const simulated s{.transient = 40s};
    const auto said = *measure::transient({series(s), s.span});
    CHECK(said <= 30s);
}
