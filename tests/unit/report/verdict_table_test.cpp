#include "report/verdict_table.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
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
    run.exit_code = 0;
    return run;
}

}  // namespace

TEST_CASE("junit: a case for the run and one for each threshold, and what failed is a failure") {
    const std::string xml = report::junit_xml(run_with(std::chrono::microseconds{10}));
    CHECK(holds(xml, "tests=\"4\" failures=\"1\" errors=\"0\""));
    CHECK(holds(xml, "<testcase classname=\"run\" name=\"validity\"/>"));
    CHECK(holds(xml, "name=\"requests.failed &lt;= 2\"/>"));
    CHECK(holds(xml, "<failure message=\"fail: 2.00\"/>"));
}

TEST_CASE("junit: what a client that was held up measured is an error, whatever passed") {
    const std::string xml = report::junit_xml(run_with(std::chrono::milliseconds{90}));
    CHECK(holds(xml, "tests=\"4\" failures=\"1\" errors=\"1\""));
    CHECK(holds(xml, "<error message=\"INVALID: 4 streams: bytes lay"));
}

TEST_CASE("junit: a run that did not come to its end is an error, whatever its thresholds say") {
    run_summary run = run_with(std::chrono::microseconds{10});
    run.setup.thresholds = {"requests.failed <= 2"};
    CHECK(holds(report::junit_xml(run), "failures=\"0\" errors=\"0\""));
    CHECK(holds(report::junit_xml(run), "name=\"ending\"/>"));
    run.exit_code = 4;
    run.ended_early = "3 requests had failed (--max-failures).";
    CHECK(holds(report::junit_xml(run), "failures=\"0\" errors=\"1\""));
    CHECK(holds(report::junit_xml(run), "message=\"cut short: 3 requests had failed"));
    run.exit_code = 130;
    run.ended_early.clear();
    CHECK(holds(report::junit_xml(run), "message=\"cut short\""));
    run_summary held_up = run_with(std::chrono::milliseconds{90});
    held_up.exit_code = 130;
    CHECK(holds(report::junit_xml(held_up), "message=\"cut short\""));
}

TEST_CASE("verdict table: a bare figure says why it decides nothing, and shares all that decides") {
    report::judgement j{
        .threshold = "event_gap_ms.p99 < 1000", .level = {}, .value = 12.3, .ci95 = {}};
    CHECK(report::found_text(j) == "12.3 (n too small)");
    j.value.reset();
    CHECK(report::found_text(j) == "this run has none");
    j.value = 0.93;
    j.ci95 = interval{0.8968, 0.951};
    CHECK(report::found_text(j) == "0.93 (0.8968..0.951)");
    j.value = 1500;
    j.ci95 = interval{1400, std::numeric_limits<double>::infinity()};
    CHECK(report::found_text(j) == "1500 (1400..?)");
}
