#include "lmstress/histogram.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <random>
#include <sstream>
#include <string>

using namespace std::chrono_literals;
using lmstress::dense_histogram;
using lmstress::histogram_layout;
using lmstress::rank_of_percentile;
using lmstress::sparse_histogram;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

namespace {

std::vector<nanoseconds> random_values(std::mt19937_64& random, std::size_t n) {
    std::lognormal_distribution<double> ns{17.0, 2.0};
    std::vector<nanoseconds> values(n);
    for (auto& v : values) v = nanoseconds{static_cast<std::int64_t>(ns(random))};
    return values;
}

}  // namespace

TEST_CASE("histogram: the layout is that of the reference") {
    static_assert(histogram_layout::cell_count == 23'552);  // 184 KiB of counters
    static_assert(histogram_layout::limit_us > histogram_layout::highest_us);
    static_assert(histogram_layout::cell_of(0) == 0);
    static_assert(histogram_layout::cell_of(2047) == 2047);
    static_assert(histogram_layout::cell_of(2048) == histogram_layout::cell_of(2049));
    static_assert(histogram_layout::cell_of(histogram_layout::limit_us) ==
                  histogram_layout::cell_count - 1);
    for (std::size_t cell = 0; cell < histogram_layout::cell_count; ++cell) {
        const auto low = histogram_layout::lowest_in(cell);
        const auto high = histogram_layout::highest_in(cell);
        REQUIRE(histogram_layout::cell_of(low) == cell);
        REQUIRE(histogram_layout::cell_of(high) == cell);
        REQUIRE((high - low) * 1000 <= high);  // three significant digits
    }
}

TEST_CASE("histogram: percentiles equal the Java reference's on recorded vectors") {
    std::ifstream file{TEST_DATA "/histogram_vectors.txt"};
    REQUIRE(file);
    std::string line;
    int vectors = 0;
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string name;
        std::string word;
        words >> name >> word;
        CAPTURE(name);
        REQUIRE(word == "values");
        dense_histogram dense;
        sparse_histogram sparse;
        while (words >> word && word != "percentiles") {
            dense.record(microseconds{std::stoll(word)});
            sparse.record(microseconds{std::stoll(word)});
        }
        dense_histogram from_sparse;
        from_sparse.merge(sparse);
        CHECK(from_sparse == dense);
        double percentile = 0;
        std::int64_t expected_us = 0;
        int percentiles = 0;
        while (words >> percentile >> expected_us) {
            CAPTURE(percentile);
            CHECK(dense.percentile(percentile) == microseconds{expected_us});
            ++percentiles;
        }
        CHECK(percentiles == 10);
        ++vectors;
    }
    CHECK(vectors == 14);
}

TEST_CASE("histogram: merging random splits in random order loses nothing") {
    std::mt19937_64 random{7};
    for (int round = 0; round < 50; ++round) {
        const auto values = random_values(random, 500);
        dense_histogram whole;
        std::vector<sparse_histogram> parts(1 + random() % 20);
        for (const auto v : values) {
            whole.record(v);
            parts[random() % parts.size()].record(v);
        }
        dense_histogram forward;
        for (const auto& p : parts) forward.merge(p);
        // Another order, other brackets: pairs first, half of them by way of a dense one.
        std::shuffle(parts.begin(), parts.end(), random);
        dense_histogram left;
        sparse_histogram right;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            i % 2 == 0 ? left.merge(parts[i]) : right.merge(parts[i]);
        }
        left.merge(right);
        CHECK(forward == whole);
        CHECK(left == whole);
    }
}

TEST_CASE("histogram: minimum, maximum, mean and overflow are exact") {
    dense_histogram h;
    CHECK(h.percentile(50) == 0ns);
    h.record(1'234'567ns);
    h.record(3ns);
    h.record(2h);
    CHECK(h.exact().min_ns == 3);
    CHECK(h.exact().max_ns == nanoseconds{2h}.count());
    CHECK(h.exact().count == 2);
    CHECK(h.exact().overflow == 1);
    CHECK(h.exact().mean_ns() == doctest::Approx((1'234'570.0 + 7.2e12) / 3));
    CHECK(h.percentile(100) == 2h);  // above every cell: the exact maximum
    CHECK(h.percentile(1) == 0us);   // 3 ns round to 0 us
    h.record(-5ns);                  // clocks may disagree by a little; never a negative cell
    CHECK(h.exact().min_ns == 0);
}

TEST_CASE("histogram: the rank is Hyndman-Fan type 1") {
    CHECK(rank_of_percentile(50, 1) == 1);
    CHECK(rank_of_percentile(50, 2) == 1);
    CHECK(rank_of_percentile(50, 3) == 2);
    CHECK(rank_of_percentile(95, 20) == 19);
    CHECK(rank_of_percentile(95, 21) == 20);
    CHECK(rank_of_percentile(99, 100) == 99);
    CHECK(rank_of_percentile(100, 100) == 100);
    CHECK(rank_of_percentile(0, 100) == 1);
}
