#include "report/verdict_table.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace lmstress;

namespace {

bool holds(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

/// A level of 100 requests, of which 2 failed, and whose client read its bytes that late.
run_summary run_with(nanoseconds read_lag) {
    level_summary level;
    level.setup = test::level_setup_of(0, 4);
    level.requests = {.offered = 100, .completed = 98, .failed = 2};
    client_figures& client = level.course.client.emplace();
    client.wall = std::chrono::seconds{1};
    client.read_lag.record(read_lag, 1000);
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = {"requests.failed <= 2", "requests.failed < 2"};
    run.levels = {level};
    return run;
}

}  // namespace

TEST_CASE("junit: a case for the run and one for each threshold, and what failed is a failure") {
    const std::string xml = report::junit_xml(run_with(std::chrono::microseconds{10}));
    CHECK(holds(xml, "tests=\"3\" failures=\"1\" errors=\"0\""));
    CHECK(holds(xml, "<testcase classname=\"run\" name=\"validity\"/>"));
    CHECK(holds(xml, "name=\"requests.failed &lt;= 2\"/>"));
    CHECK(holds(xml, "<failure message=\"fail: 2.00\"/>"));
}

TEST_CASE("junit: what a client that was held up measured is an error, whatever passed") {
    const std::string xml = report::junit_xml(run_with(std::chrono::milliseconds{90}));
    CHECK(holds(xml, "tests=\"3\" failures=\"1\" errors=\"1\""));
    CHECK(holds(xml, "<error message=\"INVALID: 4 streams: bytes lay"));
}
