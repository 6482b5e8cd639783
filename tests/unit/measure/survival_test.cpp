#include "measure/survival.hpp"

#include "measure/distribution.hpp"
#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace lmstress;
using measure::observation;
using measure::survival;

constexpr double inf = std::numeric_limits<double>::infinity();

TEST_CASE("survival: without cut ones its quantiles are those of the sample") {
    workload::random from{1};
    for (const std::size_t n : {1U, 2U, 7U, 100U, 999U}) {
        std::vector<double> values;
        std::vector<observation> sample;
        for (std::size_t i = 0; i < n; ++i) {
            values.push_back(std::floor(from.uniform() * 50));  // with ties
            sample.push_back({values.back()});
        }
        const auto d = *measure::distribution_of({.known = values, .cut = {}});
        const survival s{sample};
        CHECK(s.quantile(0.50) == d.p50);
        CHECK(s.quantile(0.90) == d.p90);
        CHECK(s.quantile(0.95) == d.p95);
        CHECK(s.quantile(0.99) == d.p99);
    }
    CHECK_FALSE(survival{{}}.quantile(0.5));
    CHECK_FALSE(survival{{}}.around(0.5));
}

TEST_CASE("survival: the remission times of Freireich and others, as the textbooks have them") {
    // Weeks; 12 of the 21 were still in remission when the trial ended. Median 23, S(23) = 0.4482.
    const survival s{{{6},        {6},        {6},        {6, true}, {7},        {9, true},
                      {10},       {10, true}, {11, true}, {13},      {16},       {17, true},
                      {19, true}, {20, true}, {22},       {23},      {25, true}, {32, true},
                      {32, true}, {34, true}, {35, true}}};
    CHECK(s.count() == 21);
    CHECK(s.cut() == 12);
    CHECK(s.quantile(0.25) == 13);  // S(10) = 0.7529, S(13) = 0.6902
    CHECK(s.quantile(0.50) == 23);
    CHECK_FALSE(s.quantile(0.60));
    CHECK(s.last() == 35);
    // R's survfit(conf.type = "log-log"): 0.95LCL of the median 13, no upper one.
    CHECK(s.around(0.50) == interval{13, inf});
    // S(22) = 0.538 with a standard error of 0.128: its log-log interval ends at 0.747, below 0.75.
    const auto quartile = s.around(0.25);
    REQUIRE(quartile);
    CHECK(quartile->low == 6);
    CHECK(quartile->high == 22);
}

TEST_CASE("survival: who was cut at a value was still waiting at it") {
    const survival s{{{1, true}, {1}, {2}, {2, true}}};
    // One of four ended at 1; of the two left after it one ended at 2.
    CHECK(s.quantile(0.25) == 1);
    CHECK(s.quantile(0.26) == 2);
    CHECK(s.quantile(0.625) == 2);
    CHECK_FALSE(s.quantile(0.63));
}

TEST_CASE("survival: intervals cover where half are cut, and far out in the tail") {
    struct world {
        double p;
        int n;
        double limit;  ///< mean of the exponential timeouts; of the latencies it is 1
    };
    workload::random from{3};
    const auto draw = [&](double mean) { return -mean * std::log(1 - from.uniform()); };
    for (const world& w : {world{0.9, 185, 1}, world{0.95, 185, 1}, world{0.95, 80, 3},
                           world{0.99, 500, 4}, world{0.99, 500, 1}}) {
        CAPTURE(w.p);
        CAPTURE(w.limit);
        const double right = -std::log(1 - w.p);
        int said = 0;
        int covered = 0;
        for (int run = 0; run < 500; ++run) {
            std::vector<observation> sample;
            for (int i = 0; i < w.n; ++i) {
                const double latency = draw(1);
                const double limit = draw(w.limit);
                sample.push_back({std::min(latency, limit), limit < latency});
            }
            const auto at = survival{sample}.around(w.p);
            if (!at) continue;
            ++said;
            covered += at->low <= right && right <= at->high;
        }
        CHECK(said > 250);
        CHECK(covered >= said * 0.94);
    }
}

TEST_CASE(
    "survival: cut ones do not move the quantiles that are known, and their intervals cover") {
    // Exponential latencies of mean 1, cut by timeouts of mean 4: a fifth of them.
    workload::random from{2};
    const auto draw = [&](double mean) { return -mean * std::log(1 - from.uniform()); };
    struct tally {
        double p;
        int covered = 0;
        int known = 0;
        double sum = 0;
    };
    tally tallies[] = {{0.5}, {0.9}, {0.95}};
    constexpr int runs = 400;
    for (int run = 0; run < runs; ++run) {
        std::vector<observation> sample;
        for (int i = 0; i < 300; ++i) {
            const double latency = draw(1);
            const double limit = draw(4);
            sample.push_back({std::min(latency, limit), limit < latency});
        }
        const survival s{sample};
        for (tally& t : tallies) {
            const double right = -std::log(1 - t.p);
            t.sum += s.quantile(t.p).value_or(s.last()) / right;
            const auto at = s.around(t.p);
            if (!at || !at->closed()) continue;
            ++t.known;
            t.covered += at->low <= right && right <= at->high;
        }
    }
    for (const tally& t : tallies) {
        CAPTURE(t.p);
        CHECK(t.sum / runs == doctest::Approx(1).epsilon(0.02));
        // Of the p95 the greatest that is known is too often the only one beyond it.
        CHECK(t.known > runs * (t.p < 0.95 ? 9 : 6) / 10);
        CHECK(t.covered >= t.known * 0.93);
    }
}

TEST_CASE("survival: a timeout that caught one in ten leaves p95 open, and says so") {
    std::vector<observation> sample;
    for (int i = 0; i < 900; ++i) sample.push_back({1.0 + i});
    for (int i = 0; i < 100; ++i) sample.push_back({2000, true});
    const survival s{sample};
    CHECK(s.quantile(0.5) == 500);
    CHECK(s.quantile(0.9) == 900);
    CHECK_FALSE(s.quantile(0.95));
    CHECK(s.around(0.95) == interval{900, inf});
    CHECK(s.last() == 2000);
}
