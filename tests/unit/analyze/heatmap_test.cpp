#include "analyze/heatmap.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::heatmap_of;
using measure::timed_value;

TEST_CASE("heatmap: every value is in the cell of its time and its size") {
    const std::vector<timed_value> values{{0s, 1}, {4s, 1}, {5s, 10}, {9s, 100}, {9s, 100}};
    const auto map = heatmap_of(values, 0s, 10s, 2, 2);
    CHECK(map.count == 5);
    REQUIRE(map.edges.size() == 3);
    CHECK(map.edges[0] == doctest::Approx(1));
    CHECK(map.edges[1] == doctest::Approx(10));
    CHECK(map.edges[2] == doctest::Approx(100));
    using cell = analyze::heatmap::cell;
    // 10 is the lower edge of the upper row, 100 the upper edge of it.
    CHECK(map.cells == std::vector<cell>{{0, 0, 2}, {1, 1, 3}});
}

TEST_CASE("heatmap: rows are of equal ratio, and counts add up to the values that count") {
    std::vector<timed_value> values;
    for (int i = 1; i <= 1000; ++i) values.push_back({i * 10ms, static_cast<double>(i)});
    values.push_back({20s, 5});  // after the window
    values.push_back({-1s, 5});  // before it
    values.push_back({1s, 0});   // has no logarithm
    values.push_back({1s, INFINITY});
    const auto map = heatmap_of(values, 0s, 10s, 40, 24);
    CHECK(map.count == 999);  // the one at 10 s is no longer in it
    CHECK(map.zeros == 1);    // which is told beside it
    std::uint64_t sum = 0;
    for (const auto& c : map.cells) {
        CHECK(c.column < 40);
        CHECK(c.row < 24);
        sum += c.count;
    }
    CHECK(sum == map.count);
    for (std::size_t i = 2; i < map.edges.size(); ++i) {
        CHECK(map.edges[i] / map.edges[i - 1] ==
              doctest::Approx(map.edges[1] / map.edges[0]).epsilon(1e-9));
    }
}

TEST_CASE("heatmap: one value has room around it, and none have no map") {
    const auto one = heatmap_of(std::vector<timed_value>{{1s, 50}}, 0s, 10s, 10, 4);
    REQUIRE(one.cells.size() == 1);
    CHECK(one.edges.front() < 50);
    CHECK(one.edges.back() > 50);
    const auto none = heatmap_of({}, 0s, 10s, 10, 4);
    CHECK(none.count == 0);
    CHECK(none.edges.empty());
}
