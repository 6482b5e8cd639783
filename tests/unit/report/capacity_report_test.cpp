// A capacity search where requests fail, and its figures over the pieces of its steps.

#include "report/capacity_report.hpp"

#include "analyze/joined_level.hpp"
#include "report/series.hpp"
#include "report/source.hpp"
#include "report/text_table.hpp"
#include "sim/fault.hpp"
#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "support/virtual_level.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::step_verdict;
namespace json = boost::json;

namespace {

test::virtual_setup setup_of(std::uint32_t users, double failing) {
    test::virtual_setup setup;
    setup.server.engine.context_length = 100'000;
    if (failing > 0) setup.server.faults = {{sim::fault::status_500, failing}};
    setup.scenario.load.concurrency = {users};
    setup.scenario.load.duration = 20s;
    setup.scenario.workload.max_tokens = 8;
    return setup;
}

analyze::capacity_step step_of(double users, const test::virtual_setup& setup,
                               step_verdict verdict) {
    analyze::capacity_step step{
        .load = users, .verdict = verdict, .level = test::virtual_level(setup)};
    step.pieces = 1;
    step.length = 20s;
    step.last = step.level;
    return step;
}

void check_schema(const report::capacity_report& r) {
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/capacity.schema.json")};
    CHECK(schema.error_in(json::parse(report::capacity_json(r))) == "");
}

}  // namespace

TEST_CASE("capacity report: failures that break the bound on errors are what is named") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft_ms.p95 < 2000"};
    r.thresholds = {"ttft_ms.p95 < 2000"};
    r.steps.push_back(step_of(1, setup_of(1, 0.3), step_verdict::fails));
    r.found.high = analyze::capacity_search::end{1, step_verdict::fails, false};
    report::conclude_capacity(r, 1);
    CHECK(report::failed_by_errors(r, 1));
    CHECK(report::capacity_answer(r).starts_with(
        "Capacity: less than 1 user; more than 5 % of the requests fail even there "
        "(--max-error-rate, tested once)."));
    REQUIRE(r.limit.has_value());
    CHECK(r.limit->is == analyze::limit::errors);
    CHECK(r.limit->evidence.find("most of them as engine_failed; --max-error-rate allows 5 %.") !=
          std::string::npos);
    const std::string text = report::capacity_text(r);
    CAPTURE(text);
    CHECK(text.find("  errors  ") != std::string::npos);
    CHECK(text.find("What limits: errors. ") != std::string::npos);
    CHECK(text.find("No request failed") == std::string::npos);
    CHECK(report::widest_line(report::capacity_text(r, 80)) <= 80);
    check_schema(r);
    const json::value all = json::parse(report::capacity_json(r));
    CHECK(all.at("limit").at("is").as_string() == "errors");
    CHECK(all.at("steps").at(0).at("failed").to_number<std::uint64_t>() ==
          r.steps[0].level.summary.requests.failed);
    // A bound that is broken itself is the reason as well.
    r.thresholds = {"ttft_ms.p50 < 0.001"};
    CHECK_FALSE(report::failed_by_errors(r, 1));
    // Of those that may all fail none fails too much.
    r.thresholds = {};
    r.max_error_rate = 1;
    CHECK_FALSE(report::failed_by_errors(r, 1));
}

TEST_CASE("capacity report: beside a load that holds, and beyond one that is undecided") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft_ms.p95 < 2000"};
    r.steps.push_back(step_of(1, setup_of(1, 0), step_verdict::holds));
    r.steps.push_back(step_of(2, setup_of(2, 0.3), step_verdict::fails));
    r.found = {.low = analyze::capacity_search::end{1, step_verdict::holds, true},
               .high = analyze::capacity_search::end{2, step_verdict::fails, false}};
    CHECK(report::capacity_answer(r).starts_with(
        "Capacity: 1 user holds ttft_ms.p95 < 2000 (tested twice); more than 5 % of the requests "
        "fail with 2 users (--max-error-rate, tested once)."));
    const std::string text = report::capacity_text(r);
    CHECK(text.find("  0  ") != std::string::npos);  // of the load without errors
    r.steps.front().verdict = step_verdict::undecided;
    r.found = {.low = {}, .high = r.found.high};
    CHECK(report::capacity_answer(r).starts_with(
        "Capacity: less than 2 users; more than 5 % of the requests fail there (--max-error-rate, "
        "tested once); whether 1 user holds ttft_ms.p95 < 2000 is undecided (tested once)."));
}

TEST_CASE("capacity report: an SLO that requests do not meet for they failed") {
    report::capacity_report r{.scenario_json = "{}",
                              .objective = "ttft<2s in 95 % of the requests"};
    test::virtual_setup setup = setup_of(1, 0.3);
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 2s;
    r.steps.push_back(step_of(1, setup, step_verdict::fails));
    r.found.high = analyze::capacity_search::end{1, step_verdict::fails, true};
    report::conclude_capacity(r, 1);
    REQUIRE(r.limit.has_value());
    CHECK(r.limit->is == analyze::limit::errors);
    CHECK(r.limit->evidence.ends_with("the SLO would have allowed 5 %."));
    // It is the SLO that does not hold: failed requests do not meet it.
    CHECK(report::capacity_answer(r).find("ttft<2s in 95 % of the requests does not hold even") !=
          std::string::npos);
}

TEST_CASE("capacity report: what limits names the threshold that failed, and what it came to") {
    test::virtual_setup setup = setup_of(1, 0.3);
    setup.scenario.load.duration = 60s;
    report::capacity_report r{.scenario_json = "{}", .max_error_rate = 1, .objective = "bounds"};
    r.steps.push_back(step_of(1, setup, step_verdict::fails));
    r.found.high = analyze::capacity_search::end{1, step_verdict::fails, false};
    const request_counts& counts = r.steps.front().level.summary.requests;
    const std::string failed = std::to_string(counts.failed);
    const std::string of = failed + " of " + std::to_string(counts.offered) + " requests failed";
    REQUIRE(counts.failed > 5);
    const auto limit_with = [&](const char* threshold) {
        r.thresholds = {"ttft_ms.p50 < 60000", threshold};
        report::conclude_capacity(r, 1);
        check_schema(r);
        return r.limit.value();
    };
    const auto all = limit_with("requests.failed < 3");
    CHECK(all.is == analyze::limit::errors);
    CHECK(all.evidence == "Threshold requests.failed < 3 failed: " + failed + ". " + of +
                              " or timed out, most of them as engine_failed.");
    CHECK(all.next_step == "The engine failed; the server's log may say why.");
    const auto kind = limit_with("errors.engine_failed.count <= 0");
    CHECK(kind.is == analyze::limit::errors);
    CHECK(kind.evidence == "Threshold errors.engine_failed.count <= 0 failed: " + failed + ". " +
                               of + " as engine_failed.");
    // Failures are not what the output wants for: what each of the others takes is.
    const auto output = limit_with("throughput.requests_per_second > 1000");
    CHECK(output.is == analyze::limit::decode);
    CHECK(output.evidence.starts_with("Threshold throughput.requests_per_second > 1000 failed: "));
    // A figure that no part of a request is behind: the server is no less plain than it was.
    const auto other = limit_with("tokens_per_event > 2");
    CHECK(other.is == analyze::limit::unknown);
    CHECK(other.evidence == "Threshold tokens_per_event > 2 failed: 1.");
    const std::string text = report::capacity_text(r, 200);
    CAPTURE(text);
    CHECK(text.find("What limits: not known. Threshold tokens_per_event > 2 failed: 1. The server "
                    "does not tell enough to say why.\n") != std::string::npos);
}

TEST_CASE("capacity report: a bound above an output is broken by the load, and not by a server") {
    report::capacity_report r{.scenario_json = "{}", .objective = "a bound"};
    r.steps.push_back(step_of(2, setup_of(2, 0), step_verdict::fails));
    r.found.high = analyze::capacity_search::end{2, step_verdict::fails, false};
    for (const char* threshold :
         {"throughput.output_tokens_per_second < 1", "ttft_ms.p50 > 100000"}) {
        CAPTURE(std::string{threshold});
        r.thresholds = {threshold};
        report::conclude_capacity(r, 1);
        check_schema(r);
        REQUIRE(r.limit.has_value());
        CHECK(r.limit->is == analyze::limit::unknown);
        CHECK(r.limit->next_step == "A server that is faster breaks " + r.thresholds.front() +
                                        " sooner: no setting of it is in the way.");
        CHECK(report::capacity_text(r, 200).find("What limits: the bound itself. Threshold ") !=
              std::string::npos);
    }
}

TEST_CASE("capacity report: a verdict has the confidence that its figures have") {
    report::capacity_report r{.scenario_json = "{}", .objective = "a bound"};
    r.steps.push_back(step_of(2, setup_of(2, 0), step_verdict::holds));
    r.found.low = analyze::capacity_search::end{2, step_verdict::holds, false};
    const auto says = [&](const char* sentence) {
        const std::string answer = report::capacity_answer(r);
        CAPTURE(answer);
        CHECK(answer.find(sentence) != std::string::npos);
    };
    r.thresholds = {"ttft_ms.p50 < 2000"};
    says("Each verdict is one with 95 % confidence.");
    r.thresholds.emplace_back("throughput.requests_per_second > 0.1");
    says(
        "Each verdict is one with 95 % confidence, but throughput.requests_per_second > 0.1 has no "
        "interval and is judged as measured.");
    r.thresholds = {"throughput.requests_per_second > 0.1", "load.in_flight.mean < 9"};
    says(
        "No verdict has a confidence: throughput.requests_per_second > 0.1 and "
        "load.in_flight.mean < 9 have no interval and are judged as measured.");
    r.thresholds = {"load.in_flight.mean < 9"};
    r.steps.push_back(step_of(4, setup_of(4, 0.5), step_verdict::fails));
    r.found.high = analyze::capacity_search::end{4, step_verdict::fails, false};
    says(
        "Each verdict is one with 95 % confidence, but load.in_flight.mean < 9 has no interval and "
        "is judged as measured.");
}

TEST_CASE("capacity report: a law that the loads do not determine is null with a reason") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft_ms.p95 < 2000"};
    r.law = analyze::scaling_law{.universal = {70, 0.05, 0.001},
                                 .hinge = {60, 8, 1},
                                 .largest_n = 16,
                                 .ci95 = {{68, 72}, {1e-9, 0.4}, {0.0008, 0.0012}}};
    check_schema(r);
    const json::value all = json::parse(report::capacity_json(r));
    const json::value& law = all.at("scaling_law");
    CHECK(law.at("holds_up_to").to_number<double>() == 16);
    const json::value& sigma = law.at("parameters").at("sigma");
    CHECK(sigma.at("value").is_null());
    CHECK(sigma.at("reason").as_string().starts_with("the loads that were measured do not"));
    CHECK(sigma.at("ci95").at(1).to_number<double>() == 0.4);
    CHECK(law.at("parameters").at("lambda").at("value").to_number<double>() == 70);
    CHECK(law.at("parameters").at("lambda").at("reason").is_null());
    CHECK(report::capacity_text(r).find("contention not determined") != std::string::npos);
}

TEST_CASE("capacity report: where no request failed that is said") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft_ms.p95 < 2000"};
    r.steps.push_back(step_of(1, setup_of(1, 0), step_verdict::holds));
    const std::string text = report::capacity_text(r);
    CHECK(text.find("No request failed or timed out.\n") != std::string::npos);
    CHECK(text.find("errors") == std::string::npos);
}

TEST_CASE("capacity report: the figures of a load are those of its step, not means over pieces") {
    report::source s{.kind = report::source_kind::capacity, .name = "c"};
    report::capacity_report& r = s.capacity.emplace();
    r.scenario_json = "{}";
    std::vector<analyze::measured_level> pieces;
    for (const std::uint64_t seed : {1U, 2U}) {
        test::virtual_setup setup = setup_of(2, 0);
        // Pieces that differ as much as a server's may.
        setup.scenario.load.duration = seed == 1 ? 5s : 20s;
        setup.scenario.workload.max_tokens = seed == 1 ? 4 : 64;
        setup.scenario.workload.seed = seed;
        pieces.push_back(test::virtual_level(setup));
        report::source_run run{.name = "p", .summary = {}, .levels = {pieces.back()}};
        run.summary.levels.push_back(pieces.back().summary);
        s.runs.push_back(std::move(run));
    }
    analyze::capacity_step step{.load = 2, .level = analyze::joined(pieces)};
    step.pieces = 2;
    step.last = pieces.back();
    r.steps.push_back(step);
    const std::vector<report::source> all{s};
    const auto series = report::series_of(all).at(0);
    REQUIRE(series.points.size() == 1);
    const auto* output = series.points[0].at("output_tokens_per_second");
    REQUIRE(output != nullptr);
    CHECK(output->mean == doctest::Approx(step.level.summary.output_tokens_per_second));
    CHECK_FALSE(output->ci95.has_value());
    CHECK(series.points[0].at("ttft_p50_ms")->ci95 ==
          step.level.summary.metric("ttft_ms")->ci95.p50);
}
