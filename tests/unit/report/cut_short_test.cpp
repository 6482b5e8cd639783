#include "report/cut_short.hpp"

#include "report/verdict.hpp"
#include "support/records.hpp"
#include "support/sources.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace lmstress;
using sentences = std::vector<std::string>;

namespace {

level_summary level_of(std::uint32_t index, std::uint32_t streams, double seconds) {
    level_summary s;
    s.setup = test::level_setup_of(index, streams);
    s.requests = {.offered = 10, .completed = 10};
    s.window_seconds = seconds;
    return s;
}

run_summary run_of(std::optional<int> exit_code, std::vector<level_summary> levels) {
    run_summary r;
    r.setup.scenario_json =
        R"({"load":{"concurrency":[4,8],"duration":"1m30s","warmup":"1s"},"request":{}})";
    r.levels = std::move(levels);
    r.exit_code = exit_code;
    return r;
}

}  // namespace

TEST_CASE("cut short: a run that came to its end lacks nothing, whatever its exit code") {
    for (const int code : {0, 3, 4, 5, 6}) {
        const auto r = run_of(code, {level_of(0, 4, 90), level_of(1, 8, 90)});
        CHECK(report::came_to_its_end(r));
        CHECK(report::cut_short(r).empty());
    }
}

TEST_CASE("cut short: why, which level was cut after how long, which loads are missing") {
    const auto r = run_of(130, {level_of(0, 4, 2.873)});
    CHECK_FALSE(report::came_to_its_end(r));
    CHECK(report::cut_short(r) ==
          sentences{"The run was interrupted: what it has is of the time before.",
                    "4 streams: its window was cut after 2.87 s of 1m30s.",
                    "Not measured at all: 8 streams."});
    auto early = run_of(4, {level_of(0, 4, 90)});
    early.ended_early = "The run ended early: 5 requests had failed.";
    CHECK(report::cut_short(early) == sentences{"The run ended early: 5 requests had failed.",
                                                "Not measured at all: 8 streams."});
    // Killed while the second level warmed up: it is there, and nothing of it was measured.
    const auto killed = run_of({}, {level_of(0, 4, 90), level_of(1, 8, 0)});
    CHECK(report::cut_short(killed) ==
          sentences{"The run did not come to its end; this is what it left behind.",
                    "Not measured at all: 8 streams."});
}

TEST_CASE("cut short: of rates, and of a scenario that says nothing of its loads") {
    auto r = run_of(130, {});
    r.setup.scenario_json = R"({"load":{"rate":[2.5,10],"concurrency":[1],"duration":"500ms"}})";
    CHECK(report::cut_short(r).back() == "Not measured at all: 2.5 requests/s, 10 requests/s.");
    r.setup.scenario_json = "no JSON";
    CHECK(report::cut_short(r).size() == 1);
    r.setup.scenario_json = R"({"load":{"duration":"soon"}})";
    CHECK(report::cut_short(r).size() == 1);
}

TEST_CASE("verdict: a run that was cut short is no plain valid one") {
    std::vector<report::source> all{test::source_of_run(test::ordinary_setup({1, 4}))};
    run_summary& run = all[0].runs[0].summary;
    CHECK(report::verdict_of(all, report::series_of(all)).complete);
    run.exit_code = 130;
    run.levels.pop_back();
    all[0].runs[0].levels.pop_back();
    const auto v = report::verdict_of(all, report::series_of(all));
    CHECK(v.valid);
    CHECK_FALSE(v.complete);
    CHECK(v.validity == sentences{"As far as it came every bound holds.",
                                  "The run was interrupted: what it has is of the time before.",
                                  "Not measured at all: 4 streams."});
    CHECK(std::find(v.notes.begin(), v.notes.end(), v.validity[1]) == v.notes.end());
}

TEST_CASE("verdict: a run that a threshold ended failed by it, and says so first and once") {
    test::virtual_setup few = test::ordinary_setup({4});
    few.scenario.load.duration = std::chrono::seconds{1};
    std::vector<report::source> all{test::source_of_run(few)};
    run_summary& run = all[0].runs[0].summary;
    // By what was measured until then it is open.
    run.setup.thresholds = {"ttft_ms.p95 < 100000"};
    const auto judged = [&] { return report::verdict_of(all, report::series_of(all)); };
    REQUIRE(judged().state() == report::result_state::undecided);
    run.ended_early = "The run ended early: \"ttft_ms.p95 < 100000\" could only fail (--abort-on).";
    REQUIRE(report::ended_by_threshold(run));
    const auto v = judged();
    CHECK(v.headline == run.ended_early);
    CHECK(v.state() == report::result_state::threshold_failed);
    CHECK_FALSE(v.complete);
    CHECK(v.validity == sentences{"As far as it came every bound holds."});
    for (const std::string& sentence : v.carries) {
        CHECK(sentence.find("is undecided") == std::string::npos);
    }
    // Any other bound that ends it is no verdict.
    run.ended_early = "The run ended early: 5 requests had failed.";
    CHECK(judged().state() == report::result_state::cut_short);
}

TEST_CASE("verdict: nothing measured is said with its reason") {
    std::vector<report::source> all{test::source_of_run(test::ordinary_setup({1}))};
    report::source_run& run = all[0].runs[0];
    run.levels[0].summary.requests = run.summary.levels[0].requests = {};
    run.levels[0].summary.window_seconds = run.summary.levels[0].window_seconds = 0;
    run.summary.ended_early = "The run ended early: 5 requests had failed.";
    const auto v = report::verdict_of(all, report::series_of(all));
    CHECK(v.headline == "Nothing was measured. The run ended early: 5 requests had failed.");
    CHECK_FALSE(v.complete);
    run.summary.ended_early.clear();
    run.summary.levels[0].errors["reset"] = {.count = 2, .example = "gone"};
    CHECK(report::verdict_of(all, report::series_of(all))
              .headline.starts_with("Nothing was measured: no request completed: 2 requests "));
}
