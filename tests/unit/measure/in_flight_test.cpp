#include "measure/in_flight.hpp"

#include "support/records.hpp"
#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

request_record flying(nanoseconds begin, nanoseconds end) {
    request_record r;
    r.ended = outcome::completed;
    r.moments.set(moment::intended, begin);
    r.moments.set(moment::send_start, begin);
    r.moments.set(moment::end, end);
    return r;
}

level_setup open_level(bool steady = true) {
    level_setup s;
    s.open = open_load{"poisson", 1, steady};
    return s;
}

load_figures figures(const std::vector<request_record>& all, const level_course& course,
                     const level_setup& setup = open_level()) {
    measure::in_flight fold;
    for (const request_record& r : all) fold.add(r);
    const auto f = fold.result(setup, course);
    REQUIRE(f);
    return *f;
}

double exponential(double mean, workload::random& r) {
    return -mean * std::log(1 - r.uniform());
}

nanoseconds at(double seconds) {
    return nanoseconds{std::llround(seconds * 1e9)};
}

/// Requests that arrive at this rate and take this long, on a server without limit.
std::vector<request_record> unlimited(double rate, double mean, double until, std::uint64_t seed) {
    workload::random r{seed};
    std::vector<request_record> all;
    for (double t = exponential(1 / rate, r); t < until; t += exponential(1 / rate, r)) {
        all.push_back(flying(at(t), at(t + exponential(mean, r))));
    }
    return all;
}

/// The same on `slots` servers, in the order of their arrivals.
std::vector<request_record> queued(double rate, double mean, std::size_t slots, double until,
                                   std::uint64_t seed) {
    workload::random r{seed};
    std::vector<double> free(slots, 0.0);
    std::vector<request_record> all;
    for (double t = exponential(1 / rate, r); t < until; t += exponential(1 / rate, r)) {
        double& slot = *std::min_element(free.begin(), free.end());
        slot = std::max(slot, t) + exponential(mean, r);
        all.push_back(flying(at(t), at(slot)));
    }
    return all;
}

int called_growing(const std::vector<std::vector<request_record>>& runs, nanoseconds begin,
                   nanoseconds end) {
    int called = 0;
    for (const auto& run : runs) {
        called += figures(run, {.window_begin = begin, .window_end = end}).grows;
    }
    return called;
}

}  // namespace

TEST_CASE("in flight: from the send to whatever ended it") {
    request_record r = flying(1s, 3s);
    CHECK(measure::flight_of(r)->begin == 1s);
    CHECK(measure::flight_of(r)->end == 3s);
    r.broke = 2s;
    r.ended = outcome::failed;
    CHECK(measure::flight_of(r)->end == 2s);
    r.broke.reset();
    r.cut = 5s;
    r.ended = outcome::timed_out;
    CHECK(measure::flight_of(r)->end == 5s);
    r.cut.reset();
    // An answer that ended without its end: until the last that is known of it.
    r.moments.clear(moment::end);
    r.moments.set(moment::last_token, 2500ms);
    CHECK(measure::flight_of(r)->end == 2500ms);
    r.moments.clear(moment::send_start);
    CHECK_FALSE(measure::flight_of(r));
    CHECK_FALSE(measure::flight_of([] {
        auto remembered = flying(1s, 2s);
        remembered.from_cache = true;
        return remembered;
    }()));
}

TEST_CASE("in flight: the send lag ends where this process begins") {
    request_record r = flying(1s, 3s);
    CHECK(measure::send_lag_of(r) == 0ns);
    r.moments.set(moment::send_start, 1030ms);
    CHECK(measure::send_lag_of(r) == 30ms);
    // A new connection: what it takes is the server's and the network's.
    r.moments.set(moment::connect_start, 1010ms);
    CHECK(measure::send_lag_of(r) == 10ms);
    r.retries = 1;
    CHECK_FALSE(measure::send_lag_of(r));

    request_record late;
    late.ended = outcome::shed;
    late.moments.set(moment::intended, 1s);
    CHECK_FALSE(measure::send_lag_of(late));  // over the cap
    late.cut = 1300ms;
    CHECK(measure::send_lag_of(late) == 300ms);
}

TEST_CASE("in flight: mean and most are of what lies in the window") {
    const std::vector<request_record> all = {flying(0s, 4s),     // 2 s of it before the window
                                             flying(3s, 5s),     // with the first for a second
                                             flying(5s, 6s),     // begins as the one before ends
                                             flying(11s, 20s)};  // 1 s of it in the window
    level_course course{.window_begin = 2s, .window_end = 12s};
    course.in_flight_time = 6s;  // 2 + 2 + 1 + 1
    const load_figures f = figures(all, course);
    CHECK(f.in_flight_mean == doctest::Approx(0.6));
    CHECK(f.in_flight_max == 2);
    CHECK(f.littles_residual == 0);
    CHECK(f.achieved_rate == doctest::Approx(0.4));

    course.in_flight_time = 8s;  // a request of the level's books is not in these
    CHECK(figures(all, course).littles_residual == doctest::Approx(0.25));
    course.in_flight_time.reset();
    CHECK_FALSE(figures(all, course).littles_residual);
}

TEST_CASE("in flight: nothing without a window, and no growth of a short one") {
    measure::in_flight fold;
    fold.add(flying(1s, 2s));
    CHECK_FALSE(fold.result(open_level(), {}));
    CHECK_FALSE(fold.result(open_level(), {.window_begin = 1s, .window_end = 1s}));
    const auto f = fold.result(open_level(), {.window_begin = 0s, .window_end = 9s});
    REQUIRE(f);
    CHECK_FALSE(f->in_flight_growth);
    CHECK_FALSE(f->grows);
}

TEST_CASE("in flight: the order of the records changes nothing") {
    auto all = queued(5, 0.7, 4, 60, 1);
    const level_course course{.window_begin = 10s, .window_end = 60s};
    const load_figures once = figures(all, course);
    std::reverse(all.begin(), all.end());
    const load_figures again = figures(all, course);
    CHECK(once.in_flight_mean == again.in_flight_mean);
    CHECK(once.in_flight_growth == again.in_flight_growth);
}

TEST_CASE("in flight: an overload grows, in twenty of twenty runs") {
    std::vector<std::vector<request_record>> runs;
    // Four slots of 0.5 s each carry 8 a second.
    for (std::uint64_t seed = 1; seed <= 20; ++seed) runs.push_back(queued(12, 0.5, 4, 60, seed));
    CHECK(called_growing(runs, 0s, 60s) == 20);
}

TEST_CASE("in flight: a load that is carried seldom grows") {
    struct row {
        const char* why;
        double rate;
        double mean;
        std::size_t slots;  // 0: without limit
        double begin;
    };
    const std::vector<row> rows = {
        {"short requests", 10, 0.5, 0, 10},
        {"as long as a tenth of the window", 5, 6, 0, 40},
        {"half of the slots' power", 4, 0.5, 4, 10},
        {"seven tenths of it", 5.6, 0.5, 4, 20},
    };
    for (const row& r : rows) {
        CAPTURE(r.why);
        std::vector<std::vector<request_record>> runs;
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            const double until = r.begin + 60;
            runs.push_back(r.slots == 0 ? unlimited(r.rate, r.mean, until, seed)
                                        : queued(r.rate, r.mean, r.slots, until, seed));
        }
        const int called = called_growing(runs, at(r.begin), at(r.begin + 60));
        CAPTURE(called);
        CHECK(called <= 5);
    }
}

TEST_CASE("in flight: a rate that rises makes more fly, and that is no overload") {
    std::vector<request_record> all;
    for (int i = 0; i < 600; ++i) {
        const double t = std::sqrt(i / 600.0) * 60;
        all.push_back(flying(at(t), at(t + 2)));
    }
    const level_course course{.window_begin = 0s, .window_end = 60s};
    CHECK(figures(all, course, open_level(true)).grows);
    CHECK_FALSE(figures(all, course, open_level(false)).grows);
    CHECK(*figures(all, course, open_level(false)).in_flight_growth > 10);
}
