#include "analyze/error_comparison.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace lmstress;

namespace {

analyze::measured_level level_of(const request_counts& n) {
    analyze::measured_level level;
    level.summary.requests = n;
    return level;
}

}  // namespace

TEST_CASE("error comparison: the requests of all runs of a side, failed or timed out") {
    const std::array a{level_of({.offered = 40, .completed = 40}),
                       level_of({.offered = 40, .completed = 39, .censored = 1})};
    const std::array b{level_of({.offered = 40, .completed = 20, .failed = 20}),
                       level_of({.offered = 40, .completed = 20, .timed_out = 20})};
    const auto worse = analyze::compare_errors(a, b);
    CHECK(worse.a.offered == 80);
    CHECK(worse.a.completed == 79);
    CHECK(worse.a.failed == 0);
    CHECK(worse.b.failed == 40);
    CHECK(worse.difference == doctest::Approx(0.5));
    CHECK(worse.found == analyze::finding::worse);
    CHECK(worse.together->low < worse.ci95->low);
    CHECK(worse.together->high > worse.ci95->high);
    CHECK(analyze::compare_errors(b, a).found == analyze::finding::better);
    CHECK(analyze::compare_errors(a, a).found == analyze::finding::none_seen);
}

TEST_CASE("error comparison: of no requests there is no share") {
    const std::array none{level_of({})};
    const std::array some{level_of({.offered = 8, .completed = 8})};
    const auto e = analyze::compare_errors(none, some);
    CHECK_FALSE(e.difference.has_value());
    CHECK_FALSE(e.ci95.has_value());
    CHECK(e.found == analyze::finding::too_few);
}
