#include "report/threshold.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace lmstress;
using report::judge_thresholds;
using report::parse_threshold;
using report::verdict;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

error refused(std::string_view text) {
    const auto parsed = parse_threshold(text);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == errc::usage);
    return parsed.error();
}

/// One level whose TTFT p95 is 1,500 ms, and lies between those two.
run_summary with_ttft(std::optional<interval> around, std::vector<std::string> thresholds) {
    level_summary level;
    level.setup = test::level_setup_of(0, 4);
    level.requests = {.offered = 100, .completed = 98, .failed = 2};
    level.errors = {{"overloaded", {2, "busy"}}};
    level.metrics = {
        {"ttft_ms", distribution{.count = 98, .mean = 900, .p95 = 1500, .ci95 = {.p95 = around}}},
        {"itl_ms", std::nullopt}};
    level.output_tokens_per_second = 80;
    level.window_seconds = 5;
    level.slo = slo_summary{.met = 90,
                            .attainment = 0.9,
                            .ci95 = interval{0.82, 0.95},
                            .goodput_per_second = 18,
                            .goodput_ci95 = interval{16.4, 19}};
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = std::move(thresholds);
    run.levels = {level};
    return run;
}

verdict judged(std::optional<interval> around, const std::string& threshold) {
    const auto all = judge_thresholds(with_ttft(around, {threshold}));
    REQUIRE(all.size() == 1);
    CHECK(all[0].threshold == threshold);
    CHECK(all[0].level == 0);
    return all[0].verdict;
}

}  // namespace

TEST_CASE("threshold: a figure, an order and a number") {
    const auto t = parse_threshold("  ttft_ms.p95<=2000 ");
    REQUIRE(t.has_value());
    CHECK(t->text == "ttft_ms.p95<=2000");
    CHECK(t->path == std::vector<std::string>{"ttft_ms", "p95"});
    CHECK(t->wanted == report::threshold::order::less_or_equal);
    CHECK(t->limit == 2000);
    for (const std::string_view same : {"levels.*.metrics.ttft_ms.p95 < 1",
                                        "metrics.ttft_ms.p95 < 1",
                                        "ttft_ms.p95 < 1",
                                        "throughput.output_tokens_per_second > 50",
                                        "throughput.inputs_per_second > 5",
                                        "requests.failed < 1",
                                        "slo.attainment >= 0.9",
                                        "slo.clauses.ttft.attainment >= 0.9",
                                        "errors.overloaded.count <= 0",
                                        "errors.timeout_gap.count <= 0",
                                        "validity.client_cpu_share < 0.5",
                                        "load.achieved_rate > 5",
                                        "load.shed_late < 1",
                                        "load.requested_rate > 1",
                                        "load.in_flight.growth < 5",
                                        "steady_state.ttft_change < 1",
                                        "prompt_lengths.ratio_p50 < 2",
                                        "calibration.largest_residual_tokens < 20",
                                        "server.loaded_instances < 2",
                                        "tools.get_weather.calls > 5",
                                        "tools.get_weather.failed < 1",
                                        "tools.get_weather.ms.p95 < 500"}) {
        CAPTURE(std::string{same});
        CHECK(parse_threshold(same).has_value());
    }
}

TEST_CASE("threshold: what is none is refused, and what is nearest is named") {
    for (const std::string_view bad :
         {"", "ttft_ms.p95", "ttft_ms.p95 <", "< 5", "ttft_ms.p95 = 5", "ttft_ms.p95 < 5s",
          "ttft_ms.p95 < nan", "ttft_ms.p95 << 5"}) {
        CAPTURE(std::string{bad});
        CHECK(refused(bad).message.find("is not a threshold like") != std::string::npos);
    }
    CHECK(refused("tfft_ms.p95 < 2000").advice == "Did you mean ttft_ms.p95?");
    CHECK(refused("ttft_ms.p96 < 2000").message ==
          "summary.json has no figure \"ttft_ms.p96\" (threshold \"ttft_ms.p96 < 2000\")");
    CHECK(refused("levels.*.nothing < 1").advice.find("docs/results.md") != std::string::npos);
    CHECK(refused("ttft.p95 < 2000").advice == "Did you mean ttft_ms.p95?");
    CHECK(refused("TTFT_ms.p95 < 2000").advice == "Did you mean ttft_ms.p95?");
    CHECK(refused("levels.0.metrics.ttft_ms.p95 < 1").advice.find("ttft_ms.p95") !=
          std::string::npos);
    CHECK(refused("slo.attainment > 95").advice == "95 % is 0.95.");
    refused("errors.nonsense.count < 1");
    CHECK(refused("ttft_ms < 5").advice == "Did you mean ttft_ms.p95?");
    CHECK(refused("ttft < 5").advice == "Did you mean ttft_ms.p95?");
    CHECK(refused("requests.faild < 5").advice == "Did you mean requests.failed?");
    for (const char* far : {"errors.count < 5", "requests.error_rate < 1"}) {
        CHECK(refused(far).advice.find("docs/results.md") != std::string::npos);
    }
    refused("answered_by < 1");
    refused("tools.get_weather.nothing < 1");
}

TEST_CASE("threshold: a quantile passes or fails with its whole interval") {
    CHECK(judged(interval{1400, 1700}, "ttft_ms.p95 < 2000") == verdict::pass);
    CHECK(judged(interval{1400, 1700}, "ttft_ms.p95 < 1600") == verdict::undecided);
    CHECK(judged(interval{1400, 1700}, "ttft_ms.p95 < 1300") == verdict::fail);
    CHECK(judged(interval{1400, 1700}, "ttft_ms.p95 > 1300") == verdict::pass);
    // Too few to say how high it may be, but enough to say that it is too high.
    CHECK(judged(interval{1400, inf}, "ttft_ms.p95 < 1300") == verdict::fail);
    CHECK(judged(interval{1400, inf}, "ttft_ms.p95 < 9000") == verdict::undecided);
    CHECK(judged(std::nullopt, "ttft_ms.p95 < 9000") == verdict::undecided);
    CHECK(judged({}, "itl_ms.p50 < 9000") == verdict::undecided);  // no request has it
}

TEST_CASE("threshold: of a tool by its name, and none is one that nobody called") {
    run_summary run =
        with_ttft({}, {"tools.get_weather.calls > 2", "tools.get_weather.failed < 1",
                       "tools.none.calls < 1", "tools.none.calls > 0", "tools.none.ms.p95 < 5"});
    run.levels[0].tools["get_weather"] = {.calls = 3, .failed = 1, .ms = {}};
    const auto all = judge_thresholds(run);
    REQUIRE(all.size() == 5);
    CHECK(all[0].verdict == verdict::pass);
    CHECK(all[1].verdict == verdict::fail);
    CHECK(all[2].verdict == verdict::pass);
    CHECK(all[3].verdict == verdict::fail);
    CHECK(all[4].verdict == verdict::undecided);
}

TEST_CASE("threshold: a figure without an interval is what it is") {
    CHECK(judged({}, "throughput.output_tokens_per_second > 50") == verdict::pass);
    CHECK(judged({}, "throughput.output_tokens_per_second > 90") == verdict::fail);
    CHECK(judged({}, "ttft_ms.mean < 1000") == verdict::pass);
    CHECK(judged({}, "errors.overloaded.count <= 1") == verdict::fail);
    CHECK(judged({}, "errors.reset.count <= 0") == verdict::pass);  // there was none
    CHECK(judged({}, "slo.attainment > 0.8") == verdict::pass);
    CHECK(judged({}, "slo.attainment > 0.85") == verdict::undecided);
    CHECK(judged({}, "slo.attainment > 0.99") == verdict::fail);
}

TEST_CASE("threshold: of an objective every figure has an interval") {
    // 90 of 100 met: 82 to 95 of them.
    CHECK(judged({}, "slo.goodput_per_second > 10") == verdict::pass);
    CHECK(judged({}, "slo.goodput_per_second > 17") == verdict::undecided);
    CHECK(judged({}, "slo.goodput_per_second > 20") == verdict::fail);
    CHECK(judged({}, "slo.met >= 80") == verdict::pass);
    CHECK(judged({}, "slo.met >= 90") == verdict::undecided);
    CHECK(judged({}, "slo.met >= 200") == verdict::fail);
}

TEST_CASE("threshold: what nobody met is no more certain than what few met") {
    run_summary run = with_ttft({}, {"slo.goodput_per_second > 1", "slo.met > 1", "slo.met > 95"});
    run.levels[0].slo = slo_summary{
        .met = 0, .attainment = 0, .ci95 = interval{0, 0.84}, .goodput_ci95 = interval{0, 3}};
    const auto all = judge_thresholds(run);
    CHECK(all.at(0).verdict == verdict::undecided);
    CHECK(all.at(1).verdict == verdict::undecided);
    CHECK(all.at(2).verdict == verdict::fail);
}

TEST_CASE("threshold: where requests were cut, the greatest and the mean are not known") {
    run_summary run =
        with_ttft({}, {"ttft_ms.max < 500", "ttft_ms.max < 300", "ttft_ms.max > 300",
                       "ttft_ms.max > 500", "ttft_ms.mean < 1000", "ttft_ms.mean > 1000"});
    distribution& ttft = *run.levels[0].metrics[0].values;
    ttft.max = 400;
    const auto verdicts = [&] {
        std::vector<verdict> out;
        for (const auto& j : judge_thresholds(run)) out.push_back(j.verdict);
        return out;
    };
    using enum verdict;
    CHECK(verdicts() == std::vector{pass, fail, pass, fail, pass, fail});
    ttft.cut = 5;  // of these each may have come to any more
    CHECK(verdicts() == std::vector{undecided, fail, pass, undecided, undecided, undecided});
    // Even if those that were cut had taken no time: 900 ms over 98 of 103.
    run.setup.thresholds = {"ttft_ms.mean < 850", "ttft_ms.mean > 850", "ttft_ms.mean < 870",
                            "ttft_ms.min > 10",   "ttft_ms.min > 30",   "ttft_ms.min < 30"};
    ttft.min = 20;
    CHECK(verdicts() == std::vector{fail, pass, undecided, undecided, fail, pass});
}

TEST_CASE("threshold: this client's own lags are what they are, from a hundred on") {
    run_summary run = with_ttft({}, {"client.read_lag_ms.p99 < 2", "client.read_lag_ms.p99 < 0.5"});
    client_figures& client = run.levels[0].course.client.emplace();
    client.wall = std::chrono::seconds{1};
    client.read_lag.record(std::chrono::milliseconds{1}, 99);
    CHECK(judge_thresholds(run).at(0).verdict == verdict::undecided);
    client.read_lag.record(std::chrono::milliseconds{1}, 1);
    CHECK(judge_thresholds(run).at(0).verdict == verdict::pass);
    CHECK(judge_thresholds(run).at(1).verdict == verdict::fail);
}

TEST_CASE("threshold: of the whole, the worst counts") {
    const auto of = [](const std::vector<std::string>& thresholds) {
        return report::verdict_of(judge_thresholds(with_ttft(interval{1400, 1700}, thresholds)));
    };
    CHECK_FALSE(of({}));
    CHECK(of({"ttft_ms.p95 < 2000"}) == verdict::pass);
    CHECK(of({"ttft_ms.p95 < 2000", "ttft_ms.p95 < 1600"}) == verdict::undecided);
    CHECK(of({"ttft_ms.p95 < 1300", "ttft_ms.p95 < 1600"}) == verdict::fail);
    run_summary two = with_ttft(interval{1400, 1700}, {"ttft_ms.p95 < 2000"});
    two.levels.push_back(two.levels.front());
    two.levels.back().metrics[0].values->ci95.p95 = interval{2100, 2300};
    const auto all = judge_thresholds(two);
    REQUIRE(all.size() == 2);
    CHECK(all[0].verdict == verdict::pass);
    CHECK(all[1].level == 1);
    CHECK(all[1].verdict == verdict::fail);
}
