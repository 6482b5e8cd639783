#include "analyze/comparison.hpp"

#include "analyze/regression.hpp"
#include "measure/quantile_interval.hpp"
#include "support/folded_level.hpp"
#include "support/records.hpp"
#include "support/sanitized.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

/// Requests one after another whose TTFT and gaps are drawn: TTFT lognormal around 100 ms times
/// `slower`, each request with a pace of its own around 20 ms times `slower`.
analyze::measured_level drawn_level(std::uint64_t seed, std::size_t n, double slower = 1) {
    std::mt19937_64 random{seed};
    const auto uniform = [&] { return static_cast<double>(random() >> 11U) * 0x1.0p-53; };
    const auto normal = [&] {
        return std::sqrt(-2 * std::log(1 - uniform())) * std::cos(6.283185307179586 * uniform());
    };
    const auto ns = [](double ms) { return nanoseconds{std::llround(ms * 1e6)}; };
    std::vector<request_record> requests;
    nanoseconds at{0};
    for (std::size_t i = 0; i < n; ++i) {
        const double pace = 20 * slower * std::exp(0.1 * normal());
        std::vector<nanoseconds> tokens{at + ns(100 * slower * std::exp(0.15 * normal()))};
        for (int k = 0; k < 20; ++k) {
            tokens.push_back(tokens.back() + ns(pace * std::exp(0.05 * normal())));
        }
        requests.push_back(test::completed_record(at, tokens));
        at = tokens.back();
    }
    return test::folded_level(test::level_setup_of(0), std::move(requests), at);
}

const analyze::compared_figure& figure_of(const analyze::comparison& c, std::string_view name) {
    for (const auto& f : c.figures) {
        if (f.what.name == name) return f;
    }
    throw std::runtime_error{"no such figure"};
}

analyze::comparison compare(const analyze::measured_level& a, const analyze::measured_level& b) {
    return analyze::compare({&a, 1}, {&b, 1}, 1);
}

/// In how many of the figures that decide b is found to differ.
int changed(const analyze::measured_level& a, const analyze::measured_level& b) {
    int n = 0;
    for (const char* name : analyze::deciding_figures()) {
        const auto f = analyze::compare_figure(analyze::figure_named(name), {&a, 1}, {&b, 1},
                                               analyze::confidence_together(), 1);
        n += f->found == analyze::finding::worse || f->found == analyze::finding::better;
    }
    return n;
}

}  // namespace

TEST_CASE("comparison: a change is a share of A, with an interval around it") {
    const auto a = drawn_level(1, 300);
    const auto b = drawn_level(2, 300, 1.3);
    const auto c = compare(a, b);
    const auto& ttft = figure_of(c, "ttft_ms.p50");
    CHECK(ttft.decides);
    CHECK(*ttft.a == doctest::Approx(a.summary.metric("ttft_ms")->p50));
    CHECK(*ttft.change == doctest::Approx(*ttft.b / *ttft.a - 1));
    CHECK(ttft.ci95->low < 0.3);
    CHECK(ttft.ci95->high > 0.3);
    CHECK(ttft.together->low < ttft.ci95->low);
    CHECK(ttft.together->high > ttft.ci95->high);
    CHECK(ttft.found == analyze::finding::worse);
    const auto& rate = figure_of(c, "throughput.output_tokens_per_second");
    CHECK(*rate.change < 0);
    CHECK(rate.found == analyze::finding::worse);
}

TEST_CASE("comparison: faster is better, and fewer tokens a second are not") {
    const auto a = drawn_level(1, 300);
    const auto b = drawn_level(2, 300, 0.7);
    const auto c = compare(a, b);
    CHECK(figure_of(c, "ttft_ms.p50").found == analyze::finding::better);
    CHECK(figure_of(c, "throughput.output_tokens_per_second").found == analyze::finding::better);
}

TEST_CASE("comparison: a result beside itself has no change, and says what it can exclude") {
    const auto a = drawn_level(1, 300);
    for (const auto& f : compare(a, a).figures) {
        CAPTURE(f.what.name);
        CHECK(*f.change == 0);
        CHECK((f.found == analyze::finding::none_seen || f.found == analyze::finding::too_few));
    }
}

TEST_CASE("comparison: the same seed says the same") {
    const auto a = drawn_level(1, 100);
    const auto b = drawn_level(2, 100);
    const auto one = analyze::compare({&a, 1}, {&b, 1}, 7);
    const auto two = analyze::compare({&a, 1}, {&b, 1}, 7);
    const auto other = analyze::compare({&a, 1}, {&b, 1}, 8);
    CHECK(figure_of(one, "ttft_ms.p50").ci95 == figure_of(two, "ttft_ms.p50").ci95);
    CHECK(figure_of(one, "ttft_ms.p50").ci95 != figure_of(other, "ttft_ms.p50").ci95);
}

TEST_CASE("comparison: too few requests have no interval and no finding") {
    const auto a = drawn_level(1, 40);
    const auto b = drawn_level(2, 40, 3);
    const auto c = compare(a, b);
    const auto& p95 = figure_of(c, "ttft_ms.p95");
    CHECK(p95.change.has_value());
    CHECK_FALSE(p95.ci95.has_value());
    CHECK(p95.found == analyze::finding::too_few);
    CHECK_FALSE(c.requests_for_10_percent.has_value());
}

TEST_CASE("comparison: several runs of a side are drawn each for itself") {
    const std::vector a{drawn_level(1, 100), drawn_level(2, 100)};
    const std::vector b{drawn_level(3, 100, 1.3), drawn_level(4, 100, 1.3)};
    const auto c = analyze::compare(a, b, 1);
    const auto& ttft = figure_of(c, "ttft_ms.p50");
    CHECK(ttft.count_a == 200);
    CHECK(ttft.found == analyze::finding::worse);
    const auto one = compare(a.front(), b.front());
    CHECK(ttft.ci95->high - ttft.ci95->low <
          figure_of(one, "ttft_ms.p50").ci95->high - figure_of(one, "ttft_ms.p50").ci95->low);
}

// What sanitizers look for is in each of them.
constexpr std::uint64_t seeds = test::sanitized ? 8 : 200;

TEST_CASE("comparison: two equal servers raise an alarm in one case of twenty at most") {
    int alarms = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        alarms += changed(drawn_level(2 * seed, 100), drawn_level(2 * seed + 1, 100)) > 0;
    }
    MESSAGE(alarms << " false alarms in " << seeds);
    CHECK(alarms <= 18);
}

TEST_CASE("comparison: a change of 10 % is found with the number of requests that was promised") {
    const auto first = compare(drawn_level(1000, 100), drawn_level(1001, 100));
    const std::uint64_t n = first.requests_for_10_percent.value();
    MESSAGE(n << " requests promised");
    REQUIRE(n > 72);
    REQUIRE(n < 1000);
    int found = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        const auto b = drawn_level(5001 + 2 * seed, n, 1.1);
        found += changed(drawn_level(5000 + 2 * seed, n), b) > 0;
    }
    MESSAGE(found << " of " << seeds << " found");
    CHECK(found >= static_cast<int>(seeds * 8 / 10));
}

TEST_CASE("regression: a rule has a figure, an order and a share") {
    const auto rule = analyze::parse_regression_rule(" ttft_ms.p95 > 10% ");
    REQUIRE(rule.has_value());
    CHECK(rule->text == "ttft_ms.p95 > 10%");
    CHECK(rule->what.name == "ttft_ms.p95");
    CHECK(rule->limit == doctest::Approx(0.10));
    CHECK(analyze::parse_regression_rule("throughput.output_tokens_per_second < -5 %")->limit ==
          doctest::Approx(-0.05));
    for (const char* bad :
         {"", "ttft_ms.p95", "ttft_ms.p95 > 10", "ttft_ms.p95 > x%", "ttft > 1%",
          "ttft_ms.p95 < -5%", "throughput.requests_per_second > 5%", "> 5%", "ttft_ms.p95 > nan%",
          "ttft_ms.p95 > inf%", "ttft_ms.p95 > +inf%", "throughput.requests_per_second < -inf%"}) {
        CAPTURE(bad);
        const auto refused = analyze::parse_regression_rule(bad);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::usage);
    }
}

TEST_CASE("regression: fails beyond the limit, passes within it, and is undecided between") {
    const auto a = drawn_level(1, 300);
    const auto b = drawn_level(2, 300, 1.3);
    const auto is = [&](const char* text) {
        const auto rule = analyze::parse_regression_rule(text).value();
        return analyze::judge(rule, {&a, 1}, {&b, 1}, 1).is;
    };
    CHECK(is("ttft_ms.p50 > 10%") == analyze::regression::fail);
    CHECK(is("ttft_ms.p50 > 30%") == analyze::regression::undecided);
    CHECK(is("ttft_ms.p50 > 60%") == analyze::regression::pass);
    CHECK(is("throughput.output_tokens_per_second < -5%") == analyze::regression::fail);
    CHECK(is("throughput.output_tokens_per_second < -60%") == analyze::regression::pass);
}
