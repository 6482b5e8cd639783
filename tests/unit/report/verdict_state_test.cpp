// What a result is worth follows from what was measured, in one place for all of them.

#include "report/verdict_state.hpp"

#include "report/series.hpp"
#include "report/verdict.hpp"
#include "support/sources.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace lmstress;
using report::result_state;

namespace {

report::source whole() {
    return test::source_of_run(test::ordinary_setup({1, 4}));
}

result_state with(const std::vector<std::string>& thresholds) {
    report::source s = whole();
    s.runs[0].summary.setup.thresholds = thresholds;
    return report::state_of(s);
}

report::source capacity_of(const analyze::capacity_search::bracket& found) {
    report::source s = whole();
    s.kind = report::source_kind::capacity;
    s.capacity.emplace().found = found;
    return s;
}

}  // namespace

TEST_CASE("state: of a run it is the gravest of what holds") {
    report::source s = whole();
    run_summary& run = s.runs[0].summary;
    CHECK(report::state_of(s) == result_state::measured);
    CHECK(with({"ttft_ms.p50 < 100000"}) == result_state::measured);
    CHECK(with({"ttft_ms.p50 < 100000", "ttft_ms.p50 < 1"}) == result_state::threshold_failed);
    test::virtual_setup few = test::ordinary_setup({4});
    few.scenario.load.duration = std::chrono::seconds{1};
    report::source open = test::source_of_run(few);
    open.runs[0].summary.setup.thresholds = {"ttft_ms.p95 < 100000"};
    CHECK(report::state_of(open) == result_state::undecided);
    run.levels[0].requests.failed = run.levels[0].requests.completed / 2;
    run.levels[0].requests.completed -= run.levels[0].requests.failed;
    CHECK(report::state_of(s) == result_state::too_many_failed);
    run.setup.scenario_json = R"({"limits":{"max_error_rate":0.9}})";
    CHECK(report::state_of(s) == result_state::measured);
    run.exit_code = 130;
    CHECK(report::state_of(s) == result_state::cut_short);
    run.exit_code.reset();
    CHECK(report::state_of(s) == result_state::cut_short);
    run.exit_code = 0;
    run.ended_early = "The run ended early.";
    CHECK(report::state_of(s) == result_state::cut_short);
    run.ended_early = "The run ended early: \"ttft_ms.p50 < 1\" could only fail (--abort-on).";
    CHECK(report::state_of(s) == result_state::threshold_failed);
    run.exit_code = 130;
    CHECK(report::state_of(s) == result_state::cut_short);
    run.levels[0].histogram_overflow = 1;
    CHECK(report::state_of(s) == result_state::not_valid);
    for (level_summary& level : run.levels) {
        level.requests.failed += level.requests.completed;
        level.requests.completed = 0;
    }
    CHECK(report::state_of(s) == result_state::not_measured);
}

TEST_CASE("state: a rehearsal that was all from memory measured nothing") {
    run_summary run;
    run.levels.emplace_back();
    run.levels[0].requests.from_cache = 5;
    run.exit_code = 0;
    CHECK(report::state_of(run) == result_state::not_measured);
}

TEST_CASE("state: a capacity search looks for loads that fail, and may end undecided") {
    using analyze::step_verdict;
    using end = analyze::capacity_search::end;
    const end holds{.load = 4, .verdict = step_verdict::holds, .tested_again = true};
    const end fails{.load = 5, .verdict = step_verdict::fails, .tested_again = true};
    const end open{.load = 5, .verdict = step_verdict::undecided, .tested_again = true};
    CHECK(report::state_of(capacity_of({holds, fails})) == result_state::measured);
    // Not even the first load held.
    CHECK(report::state_of(capacity_of({{}, fails})) == result_state::threshold_failed);
    CHECK(report::state_of(capacity_of({holds, open})) == result_state::undecided);
    CHECK(report::state_of(capacity_of({})) == result_state::undecided);
    report::source late = capacity_of({holds, fails});
    late.capacity->out_of_time = true;
    CHECK(report::state_of(late) == result_state::undecided);
    late.capacity->ended_early = "It was interrupted in the first step.";
    CHECK(report::state_of(late) == result_state::cut_short);
    // Thresholds and requests that fail are what it looks for.
    report::source failing = capacity_of({holds, fails});
    failing.runs[0].summary.setup.thresholds = {"ttft_ms.p95 < 1"};
    CHECK(report::state_of(failing) == result_state::measured);
    failing.runs[0].summary.levels[0].histogram_overflow = 1;
    CHECK(report::state_of(failing) == result_state::not_valid);
}

TEST_CASE(
    "verdict: what interrupted a capacity search stands where its worth is said, and there alone") {
    const std::vector<report::source> all = [] {
        const analyze::capacity_search::end holds{.load = 4,
                                                  .verdict = analyze::step_verdict::holds};
        std::vector<report::source> out{capacity_of({.low = holds, .high = {}})};
        out[0].capacity->ended_early = "It was interrupted in run 2, step 2.";
        return out;
    }();
    const auto v = report::verdict_of(all, report::series_of(all));
    CHECK_FALSE(v.complete);
    CHECK(v.validity == std::vector<std::string>{"It was interrupted in run 2, step 2.",
                                                 "Its only run is valid: every bound holds."});
    for (const std::string& sentence : v.carries) {
        CHECK(sentence.find("interrupted") == std::string::npos);
    }
    // One that was interrupted before it had anything says that too.
    std::vector<report::source> none = all;
    none[0].runs.clear();
    const auto nothing = report::verdict_of(none, {});
    CHECK(nothing.headline == "Nothing was measured.");
    CHECK(nothing.validity == std::vector<std::string>{"It was interrupted in run 2, step 2."});
}

TEST_CASE("state: each has a word for programs and one for a sentence") {
    CHECK(to_string(result_state::too_many_failed) == "too_many_failed");
    CHECK(to_string(result_state::not_measured) == "not_measured");
    CHECK(words_for(result_state::not_valid) == "not valid");
    CHECK(report::state_named("not_valid") == result_state::not_valid);
    CHECK_FALSE(report::state_named("not valid"));
    CHECK(words_for(result_state::cut_short) == "cut short");
}
