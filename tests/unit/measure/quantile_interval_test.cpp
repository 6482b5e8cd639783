#include "measure/quantile_interval.hpp"

#include "workload/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace lmstress;
using measure::rank_interval;
using measure::ranks_around;

TEST_CASE("quantile interval: ranks at 95 % as the tables have them") {
    CHECK(ranks_around(0.50, 100) == rank_interval{40, 61});
    CHECK(ranks_around(0.95, 200) == rank_interval{184, 197});
    CHECK(ranks_around(0.99, 1000) == rank_interval{983, 997});
    CHECK(ranks_around(0.99, 2000) == rank_interval{1971, 1989});
}

TEST_CASE("quantile interval: below the least number of values a side is open") {
    struct row {
        double p;
        std::uint64_t least;
    };
    // n >= ln(alpha / 2) / ln(p), two-sided.
    for (const row& r : {row{0.90, 36}, row{0.95, 72}, row{0.99, 368}}) {
        CAPTURE(r.p);
        const auto exact = static_cast<std::uint64_t>(std::ceil(std::log(0.025) / std::log(r.p)));
        CHECK(exact == r.least);
        CHECK(ranks_around(r.p, exact).high.has_value());
        CHECK(ranks_around(r.p, exact - 1).low.has_value());
        CHECK_FALSE(ranks_around(r.p, exact - 1).high.has_value());
    }
    CHECK(ranks_around(0.5, 0) == rank_interval{});
    CHECK(ranks_around(0.5, 5) == rank_interval{});
    CHECK(ranks_around(0.5, 6) == rank_interval{1, 6});
}

TEST_CASE("quantile interval: it covers what the binomial says, and never under 95 %") {
    for (const double p : {0.5, 0.9, 0.95, 0.99}) {
        for (const std::uint64_t n : {73U, 128U, 400U, 1000U}) {
            const auto ranks = ranks_around(p, n);
            if (!ranks.low || !ranks.high) continue;
            CAPTURE(p);
            CAPTURE(n);
            // The quantile lies in [x_low, x_high) when low..high - 1 values are below it.
            const double said = measure::binomial_cdf(*ranks.high - 1, n, p) -
                                measure::binomial_cdf(*ranks.low - 1, n, p);
            CHECK(said >= 0.95);
            workload::random from{n * 1000 + static_cast<std::uint64_t>(p * 100)};
            constexpr int runs = 20'000;
            int covered = 0;
            for (int run = 0; run < runs; ++run) {
                // Of uniform values the p-quantile is p itself: only how many lie below counts.
                std::uint64_t lower = 0;
                for (std::uint64_t i = 0; i < n; ++i) lower += from.uniform() < p;
                covered += *ranks.low <= lower && lower < *ranks.high;
            }
            const double seen = covered / static_cast<double>(runs);
            CHECK(std::abs(seen - said) <= 0.01);
            CHECK(seen >= 0.95 - 0.005);
        }
    }
}

TEST_CASE("quantile interval: Student's bounds") {
    CHECK(measure::student_bound(1) == doctest::Approx(12.7062).epsilon(1e-4));
    CHECK(measure::student_bound(30) == doctest::Approx(2.0423).epsilon(1e-4));
    CHECK(measure::student_bound(1e6) == doctest::Approx(1.95996).epsilon(1e-4));
}
