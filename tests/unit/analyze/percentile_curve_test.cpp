#include "analyze/percentile_curve.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::curve_of;
using analyze::percentages_for;

TEST_CASE(
    "percentile curve: five steps in each half of what is left, as far as n tells them apart") {
    const auto ten = percentages_for(10);
    REQUIRE(ten.size() == 20);  // 100 %, 50 %, 25 %, 12.5 % are left: each more than one of ten
    CHECK(ten[0] == 0);
    CHECK(ten[1] == doctest::Approx(10));
    CHECK(ten[5] == doctest::Approx(50));
    CHECK(ten[6] == doctest::Approx(55));
    CHECK(ten[10] == doctest::Approx(75));
    CHECK(ten.back() < 100);
    CHECK(percentages_for(1'000'000).size() == 100);
    CHECK(percentages_for(0).empty());
}

TEST_CASE("percentile curve: quantiles are those of everywhere, and grow") {
    measure::metric_sample sample;
    for (int i = 1; i <= 100; ++i) sample.known.push_back(i);
    const auto curve = curve_of(sample);
    CHECK(curve.count == 100);
    double last = 0;
    for (const auto& p : curve.points) {
        if (p.percent == 0) CHECK(p.value == 1);
        if (p.percent == 50) CHECK(p.value == 50);  // the smallest with half at or below it
        if (p.percent == 75) CHECK(p.value == 75);
        CHECK(p.value >= last);
        last = p.value;
    }
}

TEST_CASE("percentile curve: what lies beyond all that is known is not drawn") {
    measure::metric_sample sample;
    for (int i = 1; i <= 60; ++i) sample.known.push_back(i);
    for (int i = 0; i < 40; ++i) sample.cut.push_back(60.5);
    const auto curve = curve_of(sample);
    CHECK(curve.cut == 40);
    REQUIRE_FALSE(curve.points.empty());
    CHECK(curve.points.back().percent <= 60);
    CHECK(curve.points.back().value <= 60);
}

TEST_CASE("percentile curve: that of a histogram is in milliseconds") {
    dense_histogram h;
    h.record(10ms, 99);
    h.record(1s);
    const auto curve = curve_of(h);
    CHECK(curve.count == 100);
    CHECK(curve.points.front().value == doctest::Approx(10).epsilon(0.001));
    CHECK(curve.points.back().value == doctest::Approx(1000).epsilon(0.001));
}
