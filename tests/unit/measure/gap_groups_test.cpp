#include "measure/gap_groups.hpp"

#include "support/sanitized.hpp"
#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace lmstress;
using measure::gap_groups;

namespace {

/// What the gaps of one simulated server are like.
struct world {
    const char* name;
    double of_request;  ///< sigma of the logarithm, shared by the gaps of a request
    double of_gap;      ///< sigma of the logarithm, each gap's own
    double following;   ///< autocorrelation of successive gaps
    double slow_share;  ///< of the requests, whose gaps are three times as long
    std::uint64_t least_gaps;
    std::uint64_t most_gaps;
};

sparse_histogram request_of(const world& w, workload::random& from) {
    sparse_histogram gaps;
    const double level =
        w.of_request * from.normal() + (from.uniform() < w.slow_share ? std::log(3.0) : 0.0);
    const std::uint64_t n = w.least_gaps + from.below(w.most_gaps - w.least_gaps + 1);
    double noise = from.normal();
    for (std::uint64_t i = 0; i < n; ++i) {
        if (i > 0) {
            noise = w.following * noise + std::sqrt(1 - w.following * w.following) * from.normal();
        }
        const double ms = 20 * std::exp(level + w.of_gap * noise);
        gaps.record(std::chrono::nanoseconds{static_cast<std::int64_t>(ms * 1e6)});
    }
    return gaps;
}

double normal_cdf(double z) {
    return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

/// The quantile of the world itself, by bisection: lengths do not depend on how slow a request is.
double truth(const world& w, double p) {
    const double sigma = std::hypot(w.of_request, w.of_gap);
    double low = 0.01;
    double high = 1e5;
    for (int i = 0; i < 200; ++i) {
        const double middle = std::sqrt(low * high);
        const double z = std::log(middle / 20);
        const double share = (1 - w.slow_share) * normal_cdf(z / sigma) +
                             w.slow_share * normal_cdf((z - std::log(3.0)) / sigma);
        (share < p ? low : high) = middle;
    }
    return high;
}

double coverage(const world& w, double p, std::uint64_t requests, int runs, std::uint64_t seed) {
    if (test::sanitized) runs = 25;  // what sanitizers look for is in each of them
    int covered = 0;
    workload::random from{seed};
    const double right = truth(w, p);
    for (int run = 0; run < runs; ++run) {
        gap_groups groups;
        for (std::uint64_t i = 0; i < requests; ++i) groups.add(i, request_of(w, from));
        const auto at = groups.around(p);
        // A cell is a thousandth of its value wide.
        covered += at && at->low <= right * 1.001 && right <= at->high * 1.001;
    }
    return covered / static_cast<double>(runs);
}

constexpr world worlds[] = {
    {"alike", 0.0, 0.3, 0.0, 0.0, 50, 50},
    {"requests differ", 0.4, 0.2, 0.0, 0.0, 20, 80},
    {"gaps follow one another", 0.1, 0.4, 0.9, 0.0, 40, 60},
    {"a tenth is slow", 0.1, 0.1, 0.0, 0.1, 30, 50},
    {"a fifth is slow", 0.2, 0.2, 0.5, 0.2, 10, 90},
};

}  // namespace

TEST_CASE("gap groups: the intervals cover the truth, correlated gaps included") {
    for (const world& w : worlds) {
        CAPTURE(std::string{w.name});
        for (const double p : {0.5, 0.9, 0.95}) {
            CAPTURE(p);
            const double share = coverage(w, p, 64, 500, 1);
            if (!test::sanitized) CHECK(share >= 0.92);
        }
        const double share = coverage(w, 0.99, 512, 200, 2);
        if (!test::sanitized) CHECK(share >= 0.92);
    }
}

TEST_CASE("gap groups: too few requests say nothing, however many gaps they have") {
    workload::random from{3};
    gap_groups groups;
    for (std::uint64_t i = 0; i < 511; ++i) {
        if (i == 63) CHECK_FALSE(groups.around(0.5));
        if (i == 64) CHECK(groups.around(0.5));
        groups.add(i, request_of(worlds[0], from));
    }
    CHECK(groups.around(0.95));
    CHECK_FALSE(groups.around(0.99));
    groups.add(511, sparse_histogram{});  // an answer of one token has no gap
    CHECK_FALSE(groups.around(0.99));
    groups.add(512, request_of(worlds[0], from));
    CHECK(groups.around(0.99));
    CHECK(groups.requests() == 512);
}

TEST_CASE("gap groups: alike requests are worth their gaps, unlike ones their number") {
    const auto width = [](const world& w) {
        workload::random from{4};
        gap_groups groups;
        for (std::uint64_t i = 0; i < 256; ++i) groups.add(i, request_of(w, from));
        const auto at = *groups.around(0.5);
        return (at.high - at.low) / at.low;
    };
    // 12,800 independent gaps, sigma 0.3: 2 * 1.96 * 1.2533 * 0.3 / sqrt(12,800) is 1.3 %.
    CHECK(width(worlds[0]) == doctest::Approx(0.013).epsilon(0.35));
    // 256 requests, sigma 0.4: about ten times as wide.
    CHECK(width(worlds[1]) > 0.08);
    CHECK(width(worlds[1]) < 0.16);
}

TEST_CASE("gap groups: gaps that are all the same have an interval of one value") {
    gap_groups groups;
    sparse_histogram same;
    same.record(std::chrono::milliseconds{50}, 100);
    for (std::uint64_t i = 0; i < 100; ++i) groups.add(i, same);
    CHECK(groups.around(0.95) == interval{50, 50});
}
