#include "report/verdict.hpp"

#include "report/markdown.hpp"
#include "report/report_data.hpp"
#include "sim/fault.hpp"
#include "support/sources.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

using namespace lmstress;
namespace json = boost::json;

namespace {

using sources = std::vector<report::source>;

test::virtual_setup failing(const std::string& fault) {
    test::virtual_setup setup = test::ordinary_setup({1, 4});
    setup.server.faults = sim::parse_faults(std::vector<std::string>{fault}).value();
    return setup;
}

sources one_of(test::virtual_setup setup) {
    sources all;
    all.push_back(test::source_of_run(std::move(setup)));
    return all;
}

sources without_objective(const std::vector<std::uint32_t>& streams) {
    test::virtual_setup setup = test::ordinary_setup(streams);
    setup.scenario.limits.slo = {};
    return one_of(std::move(setup));
}

report::report_verdict verdict_of(const sources& all) {
    return report::verdict_of(all, report::series_of(all));
}

/// How the headline begins where all of so many requests failed.
std::string nothing_of(std::uint64_t requests) {
    const std::string n = std::to_string(requests);
    return "Nothing was measured: " + n + " of " + n + " requests ended as engine_failed: HTTP 500";
}

bool any_has(const std::vector<std::string>& all, const std::string& text) {
    return std::any_of(all.begin(), all.end(),
                       [&](const std::string& s) { return s.find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("verdict: a run whose requests all failed measured nothing, whatever its windows were") {
    const sources all = one_of(failing("500"));
    const run_summary& run = all[0].runs[0].summary;
    const std::uint64_t offered =
        run.levels.at(0).requests.offered + run.levels.at(1).requests.offered;
    REQUIRE(offered > 0);
    REQUIRE_FALSE(report::series_of(all).empty());
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with(nothing_of(offered)));
    CHECK(v.carries.empty());
    CHECK(v.limits.empty());
    CHECK(v.validity == std::vector<std::string>{"As far as it came every bound holds."});
}

TEST_CASE("verdict: more failures than a run may have come first") {
    sources all = one_of(failing("500:0.3"));
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.find(" % of the requests failed (") != std::string::npos);
    CHECK(v.headline.ends_with(", more than the 5 % that --max-error-rate allows."));
    all[0].runs[0].summary.setup.scenario_json = R"({"limits":{"max_error_rate":0.9}})";
    CHECK(verdict_of(all).headline.find("max-error-rate") == std::string::npos);
}

TEST_CASE("verdict: thresholds that failed come first, each once") {
    sources all = one_of(test::ordinary_setup({1, 4}));
    run_summary& run = all[0].runs[0].summary;
    run.setup.thresholds = {"ttft_ms.p95 < 100000", "ttft_ms.p95 < 1"};
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with("Threshold ttft_ms.p95 < 1 failed: "));
    CHECK(v.headline.ends_with(" with 1 stream, and at 1 more of 2 levels."));
    CHECK_FALSE(any_has(v.carries, "100000 failed"));
    // Held to its thresholds alone, as its exit code is.
    CHECK_FALSE(any_has(v.carries, "max-error-rate"));
}

TEST_CASE("verdict: without an objective what limits is told where output no longer grew") {
    const auto limit = [](const std::vector<std::uint32_t>& streams) {
        const auto v = verdict_of(without_objective(streams));
        return v.limits.size() == 1 ? v.limits.front() : std::string{"none"};
    };
    const std::string slots = limit({1, 4, 8, 16});
    CAPTURE(slots);
    CHECK(slots.starts_with("What limits: slots. 4 streams ran at once, "));
    CHECK(slots.ends_with(" Output no longer grew from 4 streams to 16 streams."));
    CHECK(limit({1, 2}).starts_with("From 1 stream to 2 streams output still grew by "));
    CHECK(limit({2}).starts_with("A single load (2 streams) does not show what limits: "));
    CHECK(limit({16}).starts_with("What limits: slots. "));
}

TEST_CASE("verdict: an objective that holds at every load says nothing of what limits") {
    test::virtual_setup setup = test::ordinary_setup({1, 4, 16});
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] =
        std::chrono::seconds{1000};
    const auto v = verdict_of(one_of(std::move(setup)));
    REQUIRE(v.limits.size() == 1);
    CHECK(v.limits[0].starts_with("What limits: slots. "));
}

TEST_CASE("verdict: of a sweep what limits is that of the best setting") {
    sources all;
    all.push_back(test::source_of_sweep({2, 4}));
    const auto v = verdict_of(all);
    REQUIRE(v.limits.size() == 1);
    CHECK(v.limits[0].starts_with("parallel 4, unified KV on: What limits: "));
}

TEST_CASE("verdict: a sweep whose requests all failed measured nothing, and is not called valid") {
    sources all;
    all.push_back(test::source_of_sweep({2, 4}, "500"));
    std::uint64_t offered = 0;
    for (const report::source_run& run : all[0].runs) {
        offered += run.summary.levels.at(0).requests.offered;
    }
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with(nothing_of(offered)));
    CHECK(v.carries.empty());
    CHECK(v.state() == report::result_state::not_measured);
    REQUIRE(v.validity.size() == 1);
    CHECK(v.validity[0] == "As far as they came every bound holds in each of its 8 cells.");
}

TEST_CASE("verdict: what cells of a sweep fail comes first, by thresholds or by their requests") {
    sources all;
    all.push_back(test::source_of_sweep({2}));
    CHECK(verdict_of(all).state() == report::result_state::measured);
    for (report::source_run& run : all[0].runs) {
        run.summary.setup.thresholds = {"ttft_ms.p95 < 100000", "ttft_ms.p95 < 1"};
    }
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with(
        "Threshold: ttft_ms.p95 < 1 fails in 4 of 4 cells, the first of them parallel 2, unified "
        "KV on, 2 streams ("));
    CHECK_FALSE(v.headline.find("100000") != std::string::npos);
    CHECK(v.state() == report::result_state::threshold_failed);
    CHECK(any_has(v.carries, "tokens/s"));
    CHECK(report::markdown(all).find("fails in 4 of 4 cells") != std::string::npos);

    sources failed;
    failed.push_back(test::source_of_sweep({2}, "500:0.3"));
    const auto of_requests = verdict_of(failed);
    CAPTURE(of_requests.headline);
    CHECK(of_requests.headline.find("more requests failed than the 5 % that --max-error-rate "
                                    "allows, the first of them parallel 2, ") != std::string::npos);
    CHECK(of_requests.state() == report::result_state::too_many_failed);
}

TEST_CASE("verdict: of a sweep of one cell the sentences are of one") {
    sources all;
    all.push_back(test::source_of_sweep({2}));
    report::sweep_report& sweep = *all[0].sweep;
    sweep.plan.variants.resize(1);
    sweep.plan.loads.resize(1);
    sweep.cells.resize(1);
    all[0].runs.resize(1);
    const auto of = [&] { return verdict_of(all).validity; };
    CHECK(of().front() == "Its only cell is valid: every bound holds.");
    run_summary& run = all[0].runs[0].summary;
    run.exit_code = 130;
    CHECK(of().front().starts_with("Cut short: its only cell. "));
    CHECK(of().back() == "As far as its only cell came every bound holds.");
    run.levels[0].histogram_overflow = 1;
    CHECK(of().back().starts_with("INVALID: its only cell. "));
    sweep.cells[0].figures.level.setup.server.parallel.confirmed = 3;
    CHECK(any_has(of(), "NOT IN FORCE: in its only cell a setting was another one "));
}

TEST_CASE("verdict: a sweep that lacks cells, or has another setting than was asked for, says so") {
    sources all;
    all.push_back(test::source_of_sweep({2}));
    report::sweep_report& sweep = *all[0].sweep;
    sweep.cells.pop_back();
    all[0].runs.pop_back();
    const auto cut = verdict_of(all);
    CHECK(any_has(cut.validity, "Not measured: 1 of its 4 cells."));
    CHECK_FALSE(cut.complete);
    CHECK(cut.state() == report::result_state::cut_short);
    sweep.cells[0].figures.level.setup.server.parallel.confirmed = 3;
    const auto other = verdict_of(all);
    CHECK(any_has(other.validity, "NOT IN FORCE: in 1 of its 3 cells a setting was another one "));
    CHECK(other.state() == report::result_state::not_valid);
}

TEST_CASE("verdict: of several results each answer says what stands against it") {
    sources all;
    all.push_back(test::source_of_run(test::ordinary_setup({1, 4}), "a"));
    all.push_back(test::source_of_run(failing("500"), "b"));
    all.push_back(test::source_of_run(test::ordinary_setup({1, 4}), "c"));
    all[0].runs[0].summary.levels[0].histogram_overflow = 1;
    const auto v = verdict_of(all);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with("a (not valid): "));
    CHECK(any_has(v.carries, "b (not measured): Nothing was measured: "));
    CHECK(any_has(v.carries, "c: "));
    CHECK(v.state() == report::result_state::not_measured);
    const json::value data = json::parse(report::report_json(all)).at("verdict");
    CHECK(data.at("state") == "not_measured");
    CHECK(json::serialize(data.at("states")) ==
          R"([{"name":"a","state":"not_valid"},{"name":"b","state":"not_measured"},)"
          R"({"name":"c","state":"measured"}])");
}

TEST_CASE("verdict: a quantile of too few requests is no answer") {
    test::virtual_setup setup = test::ordinary_setup({4});
    setup.scenario.limits.slo = {};
    setup.scenario.load.duration = std::chrono::seconds{1};
    const sources few = one_of(setup);
    const distribution* ttft = few[0].runs[0].summary.levels.at(0).metric("ttft_ms");
    REQUIRE(ttft != nullptr);
    REQUIRE(ttft->count > 0);
    REQUIRE_FALSE((ttft->ci95.p95 && ttft->ci95.p95->closed()));
    const std::string headline = verdict_of(few).headline;
    CAPTURE(headline);
    CHECK(headline.find(" output tokens/s with 4 streams") != std::string::npos);
    CHECK(headline.find("95 % wait at most") == std::string::npos);
    setup.scenario.load.duration = std::chrono::seconds{60};
    CHECK(verdict_of(one_of(setup)).headline.find("; 95 % wait at most ") != std::string::npos);
}

TEST_CASE("verdict: a bound that is off is none that holds") {
    sources all = one_of(test::ordinary_setup({1}));
    all[0].runs[0].summary.setup.validity.read_lag = nanoseconds{0};
    CHECK(verdict_of(all).validity.front() ==
          "The run is valid: every bound that is set holds (1 off).");
    sources swept;
    swept.push_back(test::source_of_sweep({2}));
    for (report::source_run& run : swept[0].runs) {
        run.summary.setup.validity.read_lag = nanoseconds{0};
    }
    CHECK(verdict_of(swept).validity.front() ==
          "All of its 4 cells are valid: every bound that is set holds (1 off).");
}

TEST_CASE("tested: a merged result says of what it is, and which command puts it together") {
    sources all = one_of(test::ordinary_setup({1}));
    all[0].command = "lmstress run --seed 1";
    merged_part first;
    first.name = "results/h1";
    first.id = "aa";
    merged_part second;
    second.name = "results/h 2";
    second.id = "bb";
    second.moved = std::chrono::milliseconds{12};
    all[0].runs[0].summary.setup.parts = {first, second};
    const std::string of =
        "results/h1 (run aa), results/h 2 (run bb, its windows moved by +12.0 ms)";
    bool found = false;
    for (const auto& [name, value] : report::tested_of(all)) {
        if (name != "Merged of") continue;
        found = true;
        CHECK(value == of);
    }
    CHECK(found);
    const json::value once_more = json::parse(report::report_json(all)).at("reproduce").at(0);
    CHECK(once_more.at("command").as_string() ==
          "lmstress merge results/h1 'results/h 2' --out run1");
    CHECK(std::string{once_more.at("note").as_string()}.starts_with(
        "2 processes made it at the same time: " + of + ". "));
    CHECK(report::markdown(all).find("lmstress run --seed 1") == std::string::npos);
}
