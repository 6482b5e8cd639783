#include "workload/values.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using workload::parse_duration;
using workload::parse_lengths;
using workload::parse_levels;
using levels = std::vector<stream_count>;

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
    for (const std::string text : {"",    ",",    "0",      "1,0",        "1,",
                                   ",1",  "1,,2", "1 ,2",   "1, 2",       " 1",
                                   "1 ",  "-1",   "+1",     "1.5",        "1;2",
                                   "x",   "0x",   "1xx",    "-1x",        "x1",
                                   "1e2", "nanx", "100001", "4294967297", "99999999999999999999"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_levels(text));
    }
}

TEST_CASE("values: a multiple of the server's slots ends in x") {
    CHECK(parse_levels("0.5x,1x,2x,3") == levels{stream_count::of_slots(0.5),
                                                 stream_count::of_slots(1),
                                                 stream_count::of_slots(2), 3});
}

TEST_CASE("values: what is printed reads back as the same") {
    for (const nanoseconds d :
         std::vector<nanoseconds>{0ns, 1ns, 500ns, 250us, 1500ms, 30s, 90s, 5min, 2h, 36h}) {
        CAPTURE(workload::duration_text(d));
        CHECK(parse_duration(workload::duration_text(d)) == d);
    }
    CHECK(workload::duration_text(90s) == "90s");
    CHECK(workload::duration_text(300s) == "5m");
    for (const stream_count& c : {stream_count{7}, stream_count::of_slots(0.5)}) {
        CHECK(workload::parse_streams(workload::streams_text(c)) == c);
    }
    for (const char* text :
         {"fixed:512", "uniform:100..500", "normal:512,64", "lognormal:512,0.6"}) {
        const auto lengths = parse_lengths(text);
        REQUIRE(lengths);
        CHECK(workload::lengths_text(*lengths) == text);
    }
}

TEST_CASE("values: an objective is clauses, each at most once") {
    const auto slo = workload::parse_slo("ttft<2s,tpot<50ms,itl_max<1.5s");
    REQUIRE(slo.has_value());
    CHECK(slo->of(slo_metric::ttft) == 2s);
    CHECK(slo->of(slo_metric::tpot) == 50ms);
    CHECK_FALSE(slo->of(slo_metric::e2e));
    CHECK(workload::parse_slo(" ttft < 2s , tpot<50ms,itl_max <1.5s ") == slo);
    CHECK(workload::slo_text(*slo) == "ttft<2s,tpot<50ms,itl_max<1500ms");
    for (const std::string_view bad : {"", "ttft", "ttft<", "ttft<2", "ttft>2s", "ttft<2s,",
                                       "ttft<2s,ttft<3s", "ttft<0", "itl<2s", "ttft<2s;e2e<3s"}) {
        CAPTURE(std::string{bad});
        CHECK_FALSE(workload::parse_slo(bad));
    }
}
