// --abort-on, in virtual time.

#include "report/threshold.hpp"
#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

test::virtual_setup with(const std::string& threshold) {
    test::virtual_setup setup;
    setup.server.engine.parallel = 4;
    setup.scenario.load.concurrency = {4};
    setup.scenario.workload.max_tokens = 4;
    setup.scenario.limits.abort_on = {threshold};
    return setup;
}

std::uint64_t offered(const test::virtual_result& r) {
    return r.summary.levels.at(0).requests.offered;
}

report::verdict verdict_of(test::virtual_result r, const std::string& threshold) {
    r.summary.setup.scenario_json = "{}";
    r.summary.setup.thresholds = {threshold};
    return report::judge_thresholds(r.summary).at(0).verdict;
}

}  // namespace

TEST_CASE("abort-on: a number of requests ends as soon as it is hopeless, and fails") {
    const std::string hopeless = "ttft_ms.p50 < 0.001";
    test::virtual_setup setup = with(hopeless);
    setup.scenario.load.requests = 400;
    const auto r = test::run_virtually(setup);
    CHECK(r.summary.ended_early ==
          "The run ended early: \"ttft_ms.p50 < 0.001\" could only fail, whatever the requests "
          "still to come had been like (--abort-on).");
    // The rank at which the interval of the median begins: 181 of 400. Four are in flight.
    CHECK(offered(r) >= 220);
    CHECK(offered(r) < 230);
    CHECK(verdict_of(r, hopeless) == report::verdict::fail);
}

TEST_CASE("abort-on: a run that passes, or is undecided, goes on to its end") {
    test::virtual_setup setup = with("ttft_ms.p95 < 1000000");
    setup.scenario.load.requests = 200;
    const auto passing = test::run_virtually(setup);
    CHECK(passing.summary.ended_early.empty());
    CHECK(offered(passing) == 200);
    // What the run itself comes to lies within its own interval.
    const distribution& ttft = *passing.summary.levels.at(0).metric("ttft_ms");
    const std::string near = "ttft_ms.p95 < " + std::to_string(ttft.p95);
    setup.scenario.limits.abort_on = {near};
    const auto undecided = test::run_virtually(setup);
    CAPTURE(near);
    CHECK(undecided.summary.ended_early.empty());
    CHECK(offered(undecided) == 200);
}

TEST_CASE("abort-on: a duration ends early where not even the fastest pace so far would help") {
    const std::string hopeless = "ttft_ms.p95 < 0.001";
    test::virtual_setup setup = with(hopeless);
    setup.scenario.load.duration = 60s;
    setup.scenario.load.warmup = 5s;
    const auto r = test::run_virtually(setup);
    CHECK(r.summary.ended_early.ends_with(
        "could only fail, even if all requests still to come had been as fast as the fastest so "
        "far (--abort-on)."));
    CHECK(r.summary.levels.at(0).window_seconds < 55);
    CHECK(verdict_of(r, hopeless) == report::verdict::fail);

    setup.scenario.limits.abort_on = {"ttft_ms.p95 < 1000000"};
    const auto passing = test::run_virtually(setup);
    CHECK(passing.summary.ended_early.empty());
    CHECK(passing.summary.levels.at(0).window_seconds == 60);
}

TEST_CASE("abort-on: what only a whole level tells ends the run before the next one") {
    test::virtual_setup setup = with("throughput.output_tokens_per_second > 1e9");
    setup.scenario.load.concurrency = {1, 4};
    setup.scenario.load.requests = 8;
    const auto r = test::run_virtually(setup);
    CHECK(r.summary.levels.size() == 1);
    CHECK(r.summary.ended_early ==
          "The run ended before its last level: \"throughput.output_tokens_per_second > 1e9\" "
          "failed, which no further request could change (--abort-on).");
    // At the last level it is a threshold like any other.
    setup.scenario.load.concurrency = {4};
    CHECK(test::run_virtually(setup).summary.ended_early.empty());
}

TEST_CASE("abort-on: a first request that is slow says nothing of how many are still to come") {
    // It has to load the model; the others pass by far, and there are many of them.
    test::virtual_setup setup = with("ttft_ms.mean < 500");
    setup.server.cold = true;
    setup.server.load_seconds = 5;
    setup.scenario.load.concurrency = {1};
    setup.scenario.load.duration = 60s;
    setup.scenario.load.warmup = 0s;
    const auto r = test::run_virtually(setup);
    CHECK(r.summary.ended_early.empty());
    CHECK(verdict_of(r, "ttft_ms.mean < 500") == report::verdict::pass);
    // What no number of requests undoes ends it at once.
    setup.scenario.limits.abort_on = {"ttft_ms.max < 500"};
    const auto lost = test::run_virtually(setup);
    CHECK(lost.summary.ended_early.find("whatever the requests still to come") !=
          std::string::npos);
    CHECK(offered(lost) < 3);
}
