#include "measure/distribution.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using measure::distribution_of;
using measure::spread_evenly;

TEST_CASE("distribution: an empty sample has none") {
    CHECK_FALSE(distribution_of(measure::metric_sample{}));
    CHECK_FALSE(distribution_of(dense_histogram{}));
}

TEST_CASE("distribution: quantiles of a sample are the smallest values with enough at or below") {
    std::vector<double> sample(200);
    for (std::size_t i = 0; i < sample.size(); ++i) sample[i] = static_cast<double>(i + 1);
    std::shuffle(sample.begin(), sample.end(), std::mt19937_64{1});
    const auto d = *distribution_of({.known = sample, .cut = {}});
    CHECK(d.count == 200);
    CHECK(d.mean == 100.5);
    CHECK(d.min == 1);
    CHECK(d.p50 == 100);
    CHECK(d.p90 == 180);
    CHECK(d.p95 == 190);
    CHECK(d.p99 == 198);
    CHECK(d.max == 200);
}

TEST_CASE("distribution: of two values the median is the first and the others the second") {
    const auto d = *distribution_of({.known = {7, 3}, .cut = {}});
    CHECK(d.p50 == 3);
    CHECK(d.p90 == 7);
    CHECK(d.mean == 5);
}

TEST_CASE("distribution: the mean does not depend on the order of the sample") {
    std::vector<double> sample = {1e16, 1, -1e16, 0.1, 1e-9, 3e15};
    std::sort(sample.begin(), sample.end());
    const double mean = distribution_of({.known = sample, .cut = {}})->mean;
    do {
        REQUIRE(distribution_of({.known = sample, .cut = {}})->mean == mean);
    } while (std::next_permutation(sample.begin(), sample.end()));
}

TEST_CASE("distribution: a histogram's is in milliseconds, its ends exact") {
    dense_histogram h;
    h.record(1'000'001ns);
    h.record(2ms, 8);
    h.record(9'000'007ns);
    const auto d = *distribution_of(h);
    CHECK(d.count == 10);
    CHECK(d.min == 1.000001);
    CHECK(d.max == 9.000007);
    CHECK(d.mean == doctest::Approx(2.6000008));
    CHECK(d.p50 == doctest::Approx(2.0).epsilon(0.001));
    CHECK(d.p95 == doctest::Approx(9.0).epsilon(0.001));
}

TEST_CASE("distribution: no quantile of a histogram lies outside its values") {
    dense_histogram h;
    h.record(13ms, 5);  // whose cell reaches further up
    const auto d = *distribution_of(h);
    CHECK(d.p50 == 13.0);
    CHECK(d.p99 == 13.0);
    CHECK(d.max == 13.0);
}

TEST_CASE("distribution: gaps over an hour count towards it") {
    dense_histogram h;
    h.record(1ms);
    h.record(9h, 3);
    const auto d = *distribution_of(h);
    CHECK(d.count == 4);
    CHECK(d.p50 == 9 * 3600e3);
}

TEST_CASE("distribution: gaps spread over twice the tokens are twice as many and half as long") {
    sparse_histogram gaps;
    gaps.record(10ms, 3);
    gaps.record(20ms, 1);
    dense_histogram spread;
    spread.merge(spread_evenly(gaps, 10, 5));
    const auto d = *distribution_of(spread);
    CHECK(d.count == 8);
    CHECK(d.mean == 50.0 / 8);
    CHECK(d.p50 == doctest::Approx(5.0).epsilon(0.002));
    CHECK(d.max == doctest::Approx(10.0).epsilon(0.002));
}

TEST_CASE("distribution: gaps of half as many tokens as events are fewer and longer") {
    sparse_histogram gaps;
    gaps.record(10ms, 8);
    const auto spread = spread_evenly(gaps, 5, 10);
    CHECK(spread.exact().count == 4);
    CHECK(spread.exact().sum_ns == 80'000'000);
    CHECK(static_cast<double>(spread.exact().max_ns) == doctest::Approx(20e6).epsilon(0.002));
}

TEST_CASE("distribution: spreading keeps the sum of the gaps and gives the count of the tokens") {
    std::mt19937_64 random{7};
    for (int round = 0; round < 200; ++round) {
        const std::uint64_t events = 2 + random() % 300;
        const std::uint64_t tokens = 1 + random() % 900;
        CAPTURE(events);
        CAPTURE(tokens);
        sparse_histogram gaps;
        for (std::uint64_t i = 1; i < events; ++i) {
            gaps.record(nanoseconds{static_cast<std::int64_t>(random() % 100'000'000)});
        }
        const double wanted = static_cast<double>(tokens) * static_cast<double>(events - 1) /
                              static_cast<double>(events);
        const auto spread = spread_evenly(gaps, tokens, events);
        REQUIRE(std::abs(static_cast<double>(spread.exact().count) - wanted) < 0.6);
        REQUIRE(spread.exact().sum_ns == gaps.exact().sum_ns);
        std::uint64_t in_cells = 0;
        for (const auto& cell : spread.cells()) in_cells += cell.count;
        REQUIRE(in_cells == spread.exact().count);
    }
}

TEST_CASE("distribution: without tokens or events there is nothing to spread") {
    sparse_histogram gaps;
    gaps.record(10ms, 8);
    CHECK(spread_evenly(gaps, 0, 5) == sparse_histogram{});
    CHECK(spread_evenly(gaps, 5, 0) == sparse_histogram{});
    CHECK(spread_evenly({}, 5, 2) == sparse_histogram{});
}
