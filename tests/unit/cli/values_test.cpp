#include "cli/options.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <vector>

using namespace std::chrono_literals;
using lmstress::cli::parse_duration;
using lmstress::cli::parse_levels;
using levels = std::vector<std::uint32_t>;

TEST_CASE("values: durations have a unit and may have a fraction") {
    CHECK(parse_duration("250us") == 250us);
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("30s") == 30s);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0.0005ms") == 500ns);
    CHECK(parse_duration("0.1s") == 100ms);
    CHECK(parse_duration("0s") == 0s);
}

TEST_CASE("values: zero needs no unit") {
    CHECK(parse_duration("0") == 0s);
}

TEST_CASE("values: what is no duration is refused") {
    for (const std::string text :
         {"",    "s",    "30",  "30 s",  " 30s",   "30s ",    "30S",    "30sec",
          "-1s", "+1s",  "1d",  "1h30m", "ms",     "1,5s",    "1.5.5s", "0x1s",
          "inf", "infs", "nan", "nans",  "1e300h", "2562048h"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("values: levels are numbers from 1 to 100,000 with commas between") {
    CHECK(parse_levels("1") == levels{1});
    CHECK(parse_levels("1,4,16") == levels{1, 4, 16});
    CHECK(parse_levels("16,1,16") == levels{16, 1, 16});
    CHECK(parse_levels("100000") == levels{100'000});
}

TEST_CASE("values: what is no list of levels is refused") {
    for (const std::string text : {"",   ",",    "0",      "1,0",        "1,",
                                   ",1", "1,,2", "1 ,2",   "1, 2",       " 1",
                                   "1 ", "-1",   "+1",     "1.5",        "1;2",
                                   "x",  "1x",   "100001", "4294967297", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_levels(text));
    }
}
