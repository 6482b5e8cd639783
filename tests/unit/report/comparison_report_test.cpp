#include "report/comparison_text.hpp"
#include "report/comparison_words.hpp"
#include "report/text_table.hpp"
#include "support/child_process.hpp"
#include "support/golden.hpp"
#include "support/json_schema.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

using namespace lmstress;

namespace {

analyze::compared_figure figure(const char* name, double a, double b, double spread, bool decides) {
    analyze::compared_figure f{.what = analyze::figure_named(name), .decides = decides};
    f.a = a;
    f.b = b;
    f.count_a = f.count_b = 100;
    f.change = b / a - 1;
    f.ci95 = interval{*f.change - spread, *f.change + spread};
    if (decides) f.together = interval{*f.change - 1.4 * spread, *f.change + 1.4 * spread};
    f.detectable = 2 * spread;
    const interval& i = decides ? *f.together : *f.ci95;
    const bool more = i.low > 0;
    f.found = !more && i.high >= 0             ? analyze::finding::none_seen
              : more == f.what.lower_is_better ? analyze::finding::worse
                                               : analyze::finding::better;
    return f;
}

/// The interval's ends are such as can be told from one another.
analyze::error_comparison errors(const analyze::side_outcomes& a, const analyze::side_outcomes& b) {
    analyze::error_comparison out{.a = a, .b = b};
    out.difference = *b.share() - *a.share();
    out.ci95 = interval{*out.difference - 0.04, *out.difference + 0.04};
    out.together = interval{*out.difference - 0.05, *out.difference + 0.05};
    out.found = out.together->low > 0    ? analyze::finding::worse
                : out.together->high < 0 ? analyze::finding::better
                                         : analyze::finding::none_seen;
    return out;
}

report::comparison_report sample() {
    report::comparison_report r{.a = "results/before", .b = "results/after", .seed = 1};
    r.any_invalid = true;
    r.unlike.other_server = {"/server/parallel is 4 in A and 8 in B"};
    r.beware = {
        "B, run 2 is INVALID: bytes lay 12.5 ms in the kernel before they were read (p99; the "
        "limit is 10), so this client was held up, and events that piled up meanwhile share one "
        "time: take fewer streams, or a machine that does nothing else"};
    for (const char* name : {"4 streams over lmstudio", "8 streams over lmstudio"}) {
        report::level_comparison level{.name = name, .compared = {}};
        level.errors = errors({.offered = 100, .completed = 100},
                              {.offered = 100, .completed = 98, .failed = 2});
        auto& all = level.compared.figures;
        all.push_back(figure("ttft_ms.p50", 104, 1141, 2.5, true));
        all.push_back(figure("ttft_ms.p95", 104, 106, 0.12, true));
        all.push_back(figure("itl_ms.p50", 14, 16, 0.01, true));
        all.push_back(figure("throughput.output_tokens_per_second", 12345, 9876, 0.105, true));
        all.push_back(figure("ttft_ms.p99", 0.52, 0.51, 0.05, false));
        all.back().ci95.reset();
        all.back().found = analyze::finding::too_few;
        all.push_back(figure("event_gap_ms.p95", 14, 15, 0.2, false));
        all.push_back(figure("stream_tokens_per_second.p50", 65.8, 65.7, 0.002, false));
        level.compared.requests_for_10_percent = 412;
        r.levels.push_back(std::move(level));
    }
    r.unmatched = {"A: 16 streams over lmstudio"};
    for (const report::level_comparison& level : r.levels) {
        r.verdicts.push_back({.rule = "ttft_ms.p95 > 10%",
                              .seen = level.compared.figures[1],
                              .is = analyze::regression::undecided,
                              .level = level.name});
    }
    return r;
}

}  // namespace

TEST_CASE("comparison report: fits 80 columns, and says more where there is room") {
    const auto r = sample();
    test::check_golden("comparison-80.txt", report::comparison_table(r, 80));
    test::check_golden("comparison-120.txt", report::comparison_table(r, 120));
    CHECK(report::widest_line(report::comparison_table(r, 80)) <= 80);
    CHECK(report::widest_line(report::comparison_table(r, 100)) <= 100);
    CHECK(report::widest_line(report::comparison_table(r, 120)) <= 120);
}

TEST_CASE(
    "comparison report: its answer names what changed, by how much, or what can be excluded") {
    auto r = sample();
    r.any_invalid = false;
    for (report::level_comparison& level : r.levels) level.errors = {};
    const std::string change =
        "B is worse: ttft_ms.p50 +997.1 % (+647.1 %..+1347.1 %), itl_ms.p50 +14.3 % (+12.9 "
        "%..+15.7 %), throughput.output_tokens_per_second -20.0 % (-34.7 %..-5.3 %).";
    CHECK(report::conclusions_of(r) ==
          std::vector{"4 streams over lmstudio: " + change, "8 streams over lmstudio: " + change});
    auto& figures = r.levels.back().compared.figures;
    figures = {figure("ttft_ms.p50", 100, 90, 0.01, true),
               figure("itl_ms.p50", 10, 11, 0.01, true)};
    r.levels.front().compared.figures = {figure("ttft_ms.p50", 100, 101, 0.05, true),
                                         figure("ttft_ms.p95", 100, 95, 0.08, true),
                                         figure("e2e_ms.p50", 100, 90, 0.01, false)};
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{
              "8 streams over lmstudio: B is worse: itl_ms.p50 +10.0 % (+8.6 %..+11.4 %); better: "
              "ttft_ms.p50 -10.0 % (-11.4 %..-8.6 %).",
              "The other level: no change seen: any of over 16.2 % can be excluded."});
    figures[0].found = analyze::finding::too_few;
    CHECK(report::conclusions_of(r).front() ==
          "8 streams over lmstudio: B is worse: itl_ms.p50 +10.0 % (+8.6 %..+11.4 %); too few "
          "requests for ttft_ms.p50.");
    r.levels.pop_back();
    auto& few = r.levels.front().compared.figures.back();
    few.decides = true;
    few.found = analyze::finding::too_few;
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{"No change seen: any of over 16.2 % can be excluded, but too "
                                   "few requests for e2e_ms.p50."});
    r.levels.front().compared.figures = {few};
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{"Too few requests to say whether B is worse."});
}

TEST_CASE("comparison report: where other shares of the requests failed, that is said first") {
    auto r = sample();
    r.any_invalid = false;
    r.levels.pop_back();
    report::level_comparison& level = r.levels.front();
    level.compared.figures = {figure("ttft_ms.p50", 100, 90, 0.01, true)};
    level.errors =
        errors({.offered = 80, .completed = 80}, {.offered = 80, .completed = 40, .failed = 40});
    const std::string latencies =
        "Of the requests that did not fail, better: ttft_ms.p50 -10.0 % (-11.4 %..-8.6 %).";
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{"B is worse: 50.0 % of its requests failed, of A's 0.0 % "
                                   "(difference +45.0 %..+55.0 %).",
                                   latencies});
    level.errors = errors({.offered = 80, .completed = 40, .failed = 40},
                          {.offered = 80, .completed = 79, .failed = 1});
    CHECK(report::conclusions_of(r).front() ==
          "B is better: 1.2 % of its requests failed, of A's 50.0 % (difference -53.8 %..-43.8 "
          "%).");
    // No difference is known: only what the figures are of is said.
    level.errors =
        errors({.offered = 80, .completed = 80}, {.offered = 80, .completed = 78, .failed = 2});
    CHECK(report::conclusions_of(r) == std::vector{latencies});
    level.compared.figures = {figure("ttft_ms.p50", 100, 101, 0.05, true)};
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{"Of the requests that did not fail, no change seen: any of over "
                                   "8.0 % can be excluded."});
}

TEST_CASE("comparison report: a side that completed nothing has no figures, and that is said") {
    auto r = sample();
    r.any_invalid = false;
    report::level_comparison& level = r.levels.front();
    level.errors = errors({.offered = 80, .completed = 78}, {.offered = 80, .failed = 80});
    level.compared.figures.clear();
    r.levels.back().errors = {};
    const auto several = report::conclusions_of(r);
    REQUIRE(several.size() == 2);
    CHECK(several.front() ==
          "4 streams over lmstudio: B is worse: B completed none of its 80 requests, A 78 of 80.");
    CHECK(several.back().starts_with("8 streams over lmstudio: B is worse: ttft_ms.p50"));
    r.levels.pop_back();
    level.errors = errors({.offered = 1}, {.offered = 1, .completed = 1});
    CHECK(report::conclusions_of(r) ==
          std::vector<std::string>{"A completed none of its 1 request, B 1 of 1."});
}

TEST_CASE("comparison report: what the runs do not bear is no plain fact") {
    auto r = sample();
    r.levels.pop_back();
    r.levels.front().errors = {};
    r.levels.front().compared.figures = {figure("ttft_ms.p50", 100, 101, 0.05, true)};
    const std::string answer = "no change seen: any of over 8.0 % can be excluded.";
    CHECK(report::conclusions_of(r).front() == "Of invalid runs: " + answer);
    r.any_cut_short = true;
    r.unlike.other_work = {"/request/temperature is 0 in A and 1 in B"};
    CHECK(report::conclusions_of(r).front() ==
          "Of different work and invalid runs and runs that were cut short: " + answer);
}

TEST_CASE("comparison report: what has too few requests in several levels is named once") {
    auto r = sample();
    const auto few = [](const char* name) {
        auto f = figure(name, 100, 101, 0.05, true);
        f.found = analyze::finding::too_few;
        return f;
    };
    const auto seen = figure("itl_ms.p50", 100, 101, 0.05, true);
    r.levels[0].compared.figures = {seen, few("ttft_ms.p95")};
    r.levels[1].compared.figures = {seen, few("ttft_ms.p50"), few("ttft_ms.p95")};
    const auto said = report::conclusions_of(r);
    REQUIRE(said.size() == 1);
    CHECK(said.front().ends_with("but too few requests for ttft_ms.p95, ttft_ms.p50."));
}

TEST_CASE("comparison report: a verdict names its level where there are several") {
    auto r = sample();
    CHECK(report::comparison_markdown(r).find(
              "* undecided  ttft_ms.p95 > 10%, 8 streams over lmstudio: +1.9 %") !=
          std::string::npos);
    r.levels.pop_back();
    r.verdicts.pop_back();
    CHECK(report::comparison_markdown(r).find("* undecided  ttft_ms.p95 > 10%: +1.9 %") !=
          std::string::npos);
}

TEST_CASE("comparison report: its JSON has a schema") {
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/comparison.schema.json")};
    const auto v = boost::json::parse(report::comparison_json(sample()));
    CHECK(schema.error_in(v) == "");
    for (const auto& less : schema.without_each_required(v)) {
        CAPTURE(less.missing);
        CHECK(schema.error_in(less.value) != "");
    }
    const auto& errors = v.at("levels").at(0).at("errors");
    CHECK(errors.at("b").at("failed").as_int64() == 2);
    CHECK(errors.at("b").at("share").as_double() == doctest::Approx(0.02));
    CHECK(errors.at("ci95").at(0).as_double() == doctest::Approx(-0.02));
    CHECK(v.at("verdicts").at(1).at("level").as_string() == "8 streams over lmstudio");
}
