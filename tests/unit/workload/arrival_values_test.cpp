#include "workload/arrival_values.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace std::chrono_literals;
using namespace lmstress;
using namespace lmstress::workload;

TEST_CASE("arrival values: rates") {
    CHECK(parse_rates("2") == std::vector<double>{2});
    CHECK(parse_rates("0.5,1,2") == std::vector<double>{0.5, 1, 2});
    for (const char* bad :
         {"", "0", "1,", ",1", "1,0", "-1", "1e3", "nan", "inf", "1 ", "2000000"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rates(bad));
    }
}

TEST_CASE("arrival values: steps") {
    const auto steps = parse_rate_steps("1:30s,0:5s,2.5:1m");
    REQUIRE(steps);
    CHECK(rate_steps_text(*steps) == "1:30s,0:5s,2.5:1m");
    CHECK((*steps)[2].rate == 2.5);
    CHECK((*steps)[2].length == 60s);
    for (const char* bad :
         {"", "1", "1:", ":1s", "1:0s", "1:30", "0:30s", "1:30s,", "1:30s;2:30s"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_rate_steps(bad));
    }
}

TEST_CASE("arrival values: a ramp") {
    for (const char* good : {"1..10", "0..5", "5..0", "0.5..2.5"}) {
        CAPTURE(good);
        const auto ramp = parse_ramp(good);
        REQUIRE(ramp);
        CHECK(ramp_text(*ramp) == good);
    }
    for (const char* bad : {"", "1", "1..", "..1", "0..0", "1.10", "1...10", "1..x"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_ramp(bad));
    }
}

TEST_CASE("arrival values: laws") {
    for (const char* good : {"constant", "poisson", "gamma:0.5", "gamma:2"}) {
        CAPTURE(good);
        const auto law = parse_arrivals(good);
        REQUIRE(law);
        CHECK(arrivals_text(*law) == good);
    }
    for (const char* bad : {"", "uniform", "gamma", "gamma:", "gamma:0", "gamma:x", "Poisson"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_arrivals(bad));
    }
}
