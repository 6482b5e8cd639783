#include "cli/planned_levels.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using cli::levels_apart;
using cli::planned_levels;

namespace {

planned_levels streams(std::vector<stream_count> levels) {
    planned_levels out;
    out.load.concurrency = std::move(levels);
    return out;
}

planned_levels rates(std::vector<double> levels) {
    planned_levels out;
    out.load.arrivals.rates = std::move(levels);
    return out;
}

planned_levels slots(std::optional<std::uint64_t> n) {
    planned_levels out = streams({stream_count::of_slots(2)});
    out.slots = n;
    return out;
}

planned_levels over(std::vector<std::string> apis, planned_levels of) {
    of.apis = std::move(apis);
    return of;
}

}  // namespace

TEST_CASE("planned levels: two of which none is of the same load are apart") {
    CHECK(levels_apart(streams({2}), streams({4, 8})) ==
          std::vector<std::string>{"A: 2 streams", "B: 4 streams", "B: 8 streams"});
    CHECK(levels_apart(streams({1, 4}), streams({4, 8})).empty());
    CHECK(levels_apart(rates({1}), rates({2})) ==
          std::vector<std::string>{"A: 1 request/s", "B: 2 requests/s"});
    CHECK(levels_apart(rates({1, 2}), rates({2})).empty());
    CHECK(levels_apart(rates({2}), streams({2})).size() == 2);
}

TEST_CASE("planned levels: multiples are apart once both sides have slots") {
    CHECK(levels_apart(slots(2), slots(4)) ==
          std::vector<std::string>{"A: 4 streams", "B: 8 streams"});
    CHECK(levels_apart(slots(4), slots(4)).empty());
    CHECK(levels_apart(slots(4), streams({8})).empty());
    CHECK(levels_apart(slots({}), slots(4)).empty());
}

TEST_CASE("planned levels: levels of other APIs are apart, once both are known") {
    const planned_levels four = streams({4});
    CHECK(levels_apart(over({"lmstudio"}, four), over({"openai-chat"}, four)) ==
          std::vector<std::string>{"A: 4 streams over lmstudio", "B: 4 streams over openai-chat"});
    CHECK(
        levels_apart(over({"lmstudio", "openai-chat"}, four), over({"openai-chat"}, four)).empty());
    CHECK(levels_apart(over({"lmstudio"}, four), four).empty());
}

TEST_CASE("planned levels: of arrivals whose rate changes nothing is known before") {
    planned_levels ramp;
    ramp.load.arrivals.ramp = rate_ramp{.from = 1, .to = 10};
    CHECK(levels_apart(ramp, rates({2})).empty());
    CHECK(levels_apart(streams({4}), ramp).empty());
}
