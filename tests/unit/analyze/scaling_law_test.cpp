#include "analyze/scaling_law.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace lmstress;
using namespace lmstress::analyze;

namespace {

template <class Law>
std::vector<load_point> points_of(const Law& law, std::uint64_t seed = 0, double noise = 0) {
    std::mt19937_64 random{seed};
    const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    std::vector<load_point> out;
    for (const double n : {1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0}) {
        const double e = noise * law.at(n);
        const double normal =
            std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.2831853 * uniform());
        out.push_back({n, law.at(n) + e * normal, e});
    }
    return out;
}

}  // namespace

TEST_CASE("scaling law: the universal law's parameters are found again") {
    for (const universal_law& truth : {universal_law{80, 0.03, 0.0004}, universal_law{20, 0.2, 0},
                                       universal_law{50, 0, 0.001}, universal_law{33, 0, 0}}) {
        CAPTURE(truth.sigma);
        CAPTURE(truth.kappa);
        const auto law = fit_scaling_law(points_of(truth), 1).value();
        CHECK(law.universal.lambda == doctest::Approx(truth.lambda).epsilon(1e-3));
        CHECK(law.universal.sigma == doctest::Approx(truth.sigma).epsilon(1e-3));
        CHECK(law.universal.kappa == doctest::Approx(truth.kappa).epsilon(1e-3));
        CHECK(law.r2 == doctest::Approx(1));
    }
}

TEST_CASE("scaling law: a server with fixed slots has a hinge, and the hinge is taken") {
    const hinge_law truth{.lambda = 60, .knee = 8, .slope = 0};
    const auto law = fit_scaling_law(points_of(truth), 1).value();
    CHECK(law.better == lmstress::analyze::law::hinge);
    CHECK(law.hinge.lambda == doctest::Approx(60).epsilon(0.01));
    CHECK(law.hinge.knee == doctest::Approx(8).epsilon(0.02));
    CHECK(law.at(16).value() == doctest::Approx(480).epsilon(0.01));
}

TEST_CASE("scaling law: the better law is the one that made the points, in 18 of 20 cases") {
    int right = 0;
    int covered = 0;
    const universal_law soft{80, 0.05, 0.001};
    const hinge_law hard{60, 8, 1};
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto one = fit_scaling_law(points_of(soft, seed, 0.01), seed).value();
        const auto other = fit_scaling_law(points_of(hard, seed, 0.01), seed).value();
        right += one.better == lmstress::analyze::law::universal &&
                 other.better == lmstress::analyze::law::hinge;
        REQUIRE(one.ci95.size() == 3);
        covered += one.ci95[0].low <= soft.lambda && soft.lambda <= one.ci95[0].high;
    }
    CHECK(right >= 18);
    CHECK(covered >= 17);
}

TEST_CASE("scaling law: nothing is said beyond twice the largest load") {
    const auto law = fit_scaling_law(points_of(universal_law{80, 0.03, 0.0004}), 1).value();
    CHECK(law.at(64).has_value());
    CHECK_FALSE(law.at(64.5).has_value());
    CHECK(law.universal.peak().value() == doctest::Approx(std::sqrt(0.97 / 0.0004)).epsilon(0.01));
    CHECK_FALSE(universal_law{80, 0.03, 0}.peak().has_value());
}

TEST_CASE("scaling law: an interval over more than a decade determines nothing beyond the loads") {
    scaling_law l{.universal = {70, 0.05, 0.001}, .hinge = {60, 8, 1}, .largest_n = 16};
    CHECK(l.determined());  // no errors, no intervals
    l.ci95 = {{68, 72}, {0.02, 0.19}, {0.0005, 0.002}};
    CHECK(l.determined());
    CHECK(l.holds_up_to() == 32);
    l.ci95[1] = {0.02, 0.21};
    CHECK_FALSE(l.determines(1));
    CHECK(l.determines(0));
    CHECK(l.determines(2));
    CHECK(l.holds_up_to() == 16);
    CHECK(l.at(16).has_value());
    CHECK_FALSE(l.at(17).has_value());
    // Between none and next to none: a tenth of the throughput with 32 users at the most.
    l.ci95[1] = {0, 0.001};
    CHECK(l.determines(1));
    l.ci95[1] = {0, 0.4};
    CHECK_FALSE(l.determines(1));
    l.better = lmstress::analyze::law::hinge;
    l.ci95 = {{50, 70}, {2, 15}, {0, 1}};
    CHECK(l.determined());
    l.ci95[1] = {1, 15};
    CHECK_FALSE(l.determines(1));
    l.ci95[2] = {0, 20};
    CHECK_FALSE(l.determines(2));
}

TEST_CASE("scaling law: loads that are close together and noisy determine none") {
    std::vector<load_point> few;
    const universal_law truth{80, 0.05, 0.001};
    for (const double n : {3.0, 4.0, 5.0, 6.0}) few.push_back({n, truth.at(n), 0.1 * truth.at(n)});
    const auto law = fit_scaling_law(few, 1).value();
    REQUIRE(law.ci95.size() == 3);
    CHECK_FALSE(law.determined());
    // The same law over loads from one on, well measured.
    CHECK(fit_scaling_law(points_of(truth, 1, 0.01), 1).value().determined());
}

TEST_CASE("scaling law: too few loads have none") {
    const std::vector<load_point> three{{1, 10}, {2, 20}, {4, 30}, {4, 31}};
    CHECK_FALSE(fit_scaling_law(three, 1).has_value());
    const std::vector<load_point> dead{{1, 10}, {2, 20}, {4, 0}, {8, 31}};
    CHECK_FALSE(fit_scaling_law(dead, 1).has_value());
}

TEST_CASE("knee: where the curve bends most, and none on a line") {
    CHECK(knee_of(points_of(hinge_law{60, 8, 0.5})).value() == 8);
    CHECK_FALSE(knee_of(points_of(universal_law{33, 0, 0})).has_value());
    CHECK_FALSE(knee_of(std::vector<load_point>{{1, 10}, {2, 20}}).has_value());
}
