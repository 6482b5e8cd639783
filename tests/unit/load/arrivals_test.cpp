// When the requests of an open loop are wanted: formulae, so their tests are tables.

#include "load/arrivals.hpp"

#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using load::rate_curve;

namespace {

using law = arrival_law::law;

struct spread {
    double mean = 0;  // of the gaps, in seconds
    double variation = 0;
};

spread spread_of(const std::vector<nanoseconds>& at) {
    std::vector<double> gaps;
    for (std::size_t i = 1; i < at.size(); ++i) {
        gaps.push_back(static_cast<double>((at[i] - at[i - 1]).count()) / 1e9);
    }
    double mean = 0;
    for (const double g : gaps) mean += g / static_cast<double>(gaps.size());
    double squares = 0;
    for (const double g : gaps) squares += (g - mean) * (g - mean);
    return {mean, std::sqrt(squares / static_cast<double>(gaps.size())) / mean};
}

rate_curve constant(double rate) {
    return rate_curve{{{0ns, rate, rate}}};
}

std::vector<nanoseconds> some(const arrival_law& l, const rate_curve& rate, std::uint64_t n,
                              std::uint64_t seed = 1) {
    return load::make_arrivals(l, rate, seed, {.most = n});
}

}  // namespace

TEST_CASE("arrivals: a constant rate is exact") {
    CHECK(some({.follows = law::constant}, constant(2), 5) ==
          std::vector<nanoseconds>{0ns, 500ms, 1s, 1500ms, 2s});
    // A third of a second is no whole number of nanoseconds, and no error adds up.
    const auto thirds = some({.follows = law::constant}, constant(3), 3'000'001);
    CHECK(thirds[1] == 333'333'333ns);
    CHECK(thirds[2] == 666'666'667ns);
    CHECK(thirds.back() == 1'000'000s);
}

TEST_CASE("arrivals: where the integral of a rate reaches a number, and back") {
    struct row {
        const char* why;
        std::vector<rate_curve::piece> pieces;
        double n;
        nanoseconds at;
    };
    const std::vector<row> rows = {
        {"the first is at once", {{0s, 4, 4}}, 0, 0s},
        {"the last piece goes on", {{1s, 4, 4}}, 40, 10s},
        {"a step up: two in two seconds, then two a second", {{2s, 1, 1}, {9s, 2, 2}}, 4, 3s},
        {"at the very step", {{2s, 1, 1}, {9s, 2, 2}}, 2, 2s},
        {"nothing arrives in a pause", {{1s, 2, 2}, {10s, 0, 0}, {1s, 2, 2}}, 3, 11500ms},
        {"a ramp from 0 to 2 a second in 2 s: n = t^2 / 2", {{2s, 0, 2}}, 0.5, 1s},
        {"down from 2 to 0: n = 2 t - t^2 / 2", {{2s, 2, 0}}, 1.5, 1s},
        {"up from 1 to 3 in 4 s: n = t + t^2 / 4", {{4s, 1, 3}}, 3, 2s},
        {"after a ramp its end goes on: 8 in 4 s, then 3 a second", {{4s, 1, 3}}, 11, 5s},
        {"never, at a rate of 0", {{1s, 2, 2}, {1s, 0, 0}}, 3, nanoseconds::max()},
    };
    for (const row& r : rows) {
        CAPTURE(r.why);
        const rate_curve curve{r.pieces};
        CHECK(curve.when(r.n) == r.at);
        if (r.at != nanoseconds::max()) CHECK(curve.expected(r.at) == doctest::Approx(r.n));
    }
}

TEST_CASE("arrivals: inversion undoes the integral, for any shape") {
    workload::random r{7};
    for (int i = 0; i < 200; ++i) {
        std::vector<rate_curve::piece> pieces;
        for (std::uint64_t k = 0; k < 1 + r.below(4); ++k) {
            pieces.push_back({std::chrono::milliseconds{1 + r.below(5000)}, 10 * r.uniform(),
                              0.01 + 10 * r.uniform()});
        }
        const rate_curve curve{pieces};
        for (int k = 0; k < 20; ++k) {
            const double n = 60 * r.uniform();
            CHECK(curve.expected(curve.when(n)) == doctest::Approx(n).epsilon(1e-6));
        }
    }
}

TEST_CASE("arrivals: the gaps have the mean and the variation of their law") {
    struct row {
        const char* why;
        arrival_law l;
        double variation;
    };
    const std::vector<row> rows = {
        {"exponential gaps: as much spread as mean", {law::poisson, 1}, 1},
        {"gamma of shape 4: more even than chance", {law::gamma, 0.5}, 0.5},
        {"gamma of shape 1 is exponential", {law::gamma, 1}, 1},
        {"gamma of shape 1/4: in bursts", {law::gamma, 2}, 2},
        {"gamma of shape 1/9", {law::gamma, 3}, 3},
    };
    for (const row& r : rows) {
        CAPTURE(r.why);
        const spread s = spread_of(some(r.l, constant(5), 200'000));
        CHECK(s.mean == doctest::Approx(0.2).epsilon(0.02));
        CHECK(s.variation == doctest::Approx(r.variation).epsilon(0.03));
    }
}

TEST_CASE("arrivals: of a Poisson process the counts of equal times vary as much as they are") {
    const auto at = load::make_arrivals({}, constant(20), 3, {.at = 2000s});
    std::vector<double> counts(2000);
    for (const nanoseconds t : at) ++counts[static_cast<std::size_t>(t / 1s)];
    double mean = 0;
    for (const double c : counts) mean += c / 2000;
    double variance = 0;
    for (const double c : counts) variance += (c - mean) * (c - mean) / 2000;
    CHECK(mean == doctest::Approx(20).epsilon(0.02));
    CHECK(variance == doctest::Approx(20).epsilon(0.1));
}

TEST_CASE("arrivals: a rate that changes is followed") {
    const rate_curve steps{{{100s, 5, 5}, {100s, 50, 50}, {100s, 0, 0}, {100s, 10, 10}}};
    const auto at = load::make_arrivals({}, steps, 1, {.at = 400s});
    std::vector<int> counts(4);
    for (const nanoseconds t : at) ++counts[static_cast<std::size_t>(t / 100s)];
    CHECK(counts[0] == doctest::Approx(500).epsilon(0.15));
    CHECK(counts[1] == doctest::Approx(5000).epsilon(0.05));
    CHECK(counts[2] == 0);
    CHECK(counts[3] == doctest::Approx(1000).epsilon(0.1));

    const rate_curve ramp{{{100s, 0, 40}}};
    const auto rising = load::make_arrivals({.follows = law::constant}, ramp, 1, {.at = 100s});
    CHECK(rising.size() == 2000);
    // Half the time has a quarter of the arrivals.
    CHECK(std::count_if(rising.begin(), rising.end(), [](auto t) { return t < 50s; }) == 500);
}

TEST_CASE("arrivals: the seed makes them, and nothing else") {
    for (const arrival_law l : {arrival_law{law::poisson, 1}, arrival_law{law::gamma, 2}}) {
        CHECK(some(l, constant(3), 1000, 1) == some(l, constant(3), 1000, 1));
        CHECK(some(l, constant(3), 1000, 1) != some(l, constant(3), 1000, 2));
        // At twice the rate the same arrivals are half as far apart.
        const auto slow = some(l, constant(1), 1000);
        const auto fast = some(l, constant(2), 1000);
        for (std::size_t i = 0; i < slow.size(); ++i) {
            CHECK(std::abs((slow[i] / 2 - fast[i]).count()) <= 1);
        }
    }
}

TEST_CASE("arrivals: none at the end or behind it, and as many as were wanted in the window") {
    const arrival_law even{.follows = law::constant};
    CHECK(load::make_arrivals(even, constant(1), 1, {.at = 3s}).size() == 3);
    const auto counted = load::make_arrivals(even, constant(1), 1, {.most = 4, .counted_from = 2s});
    CHECK(counted.size() == 6);
    CHECK(counted.back() == 5s);
}

TEST_CASE("arrivals: what a level's plan says of itself") {
    load_settings load;
    load.duration = 10s;
    load.warmup = 2s;
    load.arrivals.rates = {1, 4};
    const auto second = load::plan_arrivals(load, 1, 1, 1);
    CHECK(second.load == open_load{"poisson", 4, true});
    CHECK(second.at.back() < 12s);

    load.arrivals.rates.clear();
    load.arrivals.steps = {{1, 5s}, {3, 5s}};
    load.arrivals.law = {.follows = law::gamma, .variation = 0.5};
    CHECK(load::plan_arrivals(load, 0, 1, 1).load ==
          open_load{"gamma:0.5 (1/s for 5s, 3/s for 5s)", 2, false});

    load.arrivals.steps.clear();
    load.arrivals.ramp = rate_ramp{1, 10};
    load.arrivals.law = {.follows = law::constant};
    const auto ramp = load::plan_arrivals(load, 0, 1, 1);
    CHECK(ramp.load == open_load{"constant (1/s to 10/s)", 5.5, false});
    // The warm-up has the rate that the window begins with.
    CHECK(ramp.at[1] == 1s);
    CHECK(ramp.at.size() == 2 + 55);

    load.arrivals.ramp.reset();
    load.arrivals.rates = {2};
    load.requests = 5;
    CHECK(load::plan_arrivals(load, 0, 1, 1).at.size() == 4 + 5);
    // Of each API.
    CHECK(load::plan_arrivals(load, 0, 1, 3).at.size() == 4 + 15);
}
