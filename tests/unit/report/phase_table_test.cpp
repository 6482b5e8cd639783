#include "report/phase_table.hpp"

#include "report/text_table.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

namespace {

const analyze::mean_phases told{
    .queue_ms = 100, .prefill_ms = 50, .decode_ms = 150, .requests = 90, .of = 90};

}  // namespace

TEST_CASE("phase table: a bar for each, and what its letters mean") {
    const std::vector<report::phase_row> rows{{"parallel 2", "4", told}};
    CHECK(report::phase_table(rows, 100) ==
          "where a request's time goes, mean ms  load  queue  model  prefill  decode\n"
          "parallel 2                               4    100      -     50.0     150  "
          "........pppp============\n"
          "  . queue, L load of the model, p prefill, = decode, ? queue or prefill.\n");
}

TEST_CASE("phase table: means that are over some of the requests, or of which less is known") {
    analyze::mean_phases some = told;
    some.of = 100;
    const analyze::mean_phases untold{
        .decode_ms = 150, .unknown_ms = 150, .requests = 80, .of = 80};
    const std::vector<report::phase_row> rows{{"a", "4", some}, {"b", "4", untold}};
    const std::string text = report::phase_table(rows, 120);
    CAPTURE(text);
    CHECK(text.find("90 of 100  ........pppp============\n") != std::string::npos);
    CHECK(text.find("80 of 80  " + std::string(12, '?') + "====") != std::string::npos);
    CHECK(text.find("  150?  ") != std::string::npos);
    CHECK(text.find("  ?: queue and prefill together, ") != std::string::npos);
    CHECK(text.find("  over: the requests that the means are over") != std::string::npos);
    CHECK(report::widest_line(report::phase_table(rows, 80)) <= 80);
}
