#include "report/report_data.hpp"

#include "report/detail_choice.hpp"
#include "report/summary_json.hpp"
#include "report/verdict.hpp"
#include "support/child_process.hpp"
#include "support/golden.hpp"
#include "support/json_schema.hpp"
#include "support/sources.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

report::source one_run(const std::vector<std::uint32_t>& streams = {1, 4, 8}) {
    return test::source_of_run(test::ordinary_setup(streams));
}

json::value data_of(const std::vector<report::source>& all) {
    return json::parse(report::report_json(all));
}

/// The run has that many levels, each a copy of its first: only their loads differ.
void repeat_first(report::source_run& run, std::size_t levels) {
    run.levels.resize(1);
    run.summary.levels = {run.levels[0].summary};
    const std::uint32_t streams = run.levels[0].summary.setup.concurrency;
    for (std::uint32_t i = 1; i < levels; ++i) {
        run.levels.push_back(run.levels[0]);
        run.levels.back().summary.setup.index = i;
        run.levels.back().summary.setup.concurrency = streams + i;
        run.summary.levels.push_back(run.levels.back().summary);
    }
}

/// A report of that many levels.
report::source many_levels(std::size_t n) {
    report::source s = one_run({4});
    repeat_first(s.runs[0], n);
    return s;
}

}  // namespace

TEST_CASE("report data: as their schema says, of a run, of a sweep and of both") {
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/report.schema.json")};
    std::vector<report::source> all;
    all.push_back(one_run());
    CHECK(schema.error_in(data_of(all)) == "");
    all.push_back(test::source_of_sweep({2, 4}));
    const json::value both = data_of(all);
    CHECK(schema.error_in(both) == "");
    CHECK(both.at("runs").as_array().size() == 9);
    CHECK(both.at("series").as_array().size() == 5);
    CHECK(both.at("sweeps").as_array().size() == 1);
    CHECK(both.at("made_of").at(1).at("kind").as_string() == "sweep");
    for (const auto& m : schema.without_each_required(both)) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
}

TEST_CASE("report data: levels are those of summary.json, figure by figure") {
    std::vector<report::source> all;
    all.push_back(one_run());
    const json::value data = data_of(all);
    const json::value summary = json::parse(report::summary_json(all[0].runs[0].summary));
    CHECK(data.at("runs").at(0).at("levels") == summary.at("levels"));
    CHECK(data.at("runs").at(0).at("validity") == summary.at("validity"));
    const json::value& point = data.at("series").at(0).at("points").at(1);
    CHECK(point.at("x") == json::value(4));
    CHECK(point.at("figures").at("ttft_p95_ms").at("value") ==
          summary.at("levels").at(1).at("metrics").at("ttft_ms").at("p95"));
    CHECK(point.at("figures").at("output_tokens_per_second").at("value") ==
          summary.at("levels").at(1).at("throughput").at("output_tokens_per_second"));
}

TEST_CASE("report data: a cell of a heatmap, a bin, a bar: nothing is lost in them") {
    std::vector<report::source> all;
    all.push_back(one_run({4}));
    const json::value detail = data_of(all).at("details").at(0);
    const level_summary& level = all[0].runs[0].summary.levels[0];
    const json::value& map = detail.at("heatmaps").at(0);
    CHECK(map.at("metric").as_string() == "ttft_ms");
    std::int64_t sum = 0;
    const json::array& cells = map.at("cells").as_array();
    REQUIRE(cells.size() % 3 == 0);
    for (std::size_t i = 2; i < cells.size(); i += 3) sum += cells[i].as_int64();
    CHECK(static_cast<std::uint64_t>(sum) == level.metric("ttft_ms")->count);
    double in_flight = 0;
    for (const json::value& v : detail.at("occupancy").at("in_flight").as_array()) {
        in_flight += v.to_number<double>() / 120;
    }
    CHECK(in_flight == doctest::Approx(level.load->in_flight_mean).epsilon(0.001));
    CHECK(detail.at("timeline").at("of").to_number<std::uint64_t>() == level.requests.offered);
    CHECK(detail.at("timeline").at("requests").as_array().size() ==
          std::min<std::uint64_t>(60, level.requests.offered));
}

TEST_CASE("report data: up to 12 levels whole, up to 24 at half the size, and of more 24") {
    std::vector<report::source> all;
    all.push_back(many_levels(12));
    CHECK(report::choose_details(report::series_of(all)).levels.size() == 12);
    CHECK(report::choose_details(report::series_of(all)).size.requests == 60);
    all[0] = many_levels(13);
    CHECK(report::choose_details(report::series_of(all)).levels.size() == 13);
    CHECK(report::choose_details(report::series_of(all)).size.requests == 30);
    CHECK(report::choose_details(report::series_of(all)).note.empty());
    all[0] = many_levels(30);
    const auto series = report::series_of(all);
    const auto choice = report::choose_details(series);
    CHECK(choice.levels.size() == 24);
    CHECK(choice.note.starts_with("The inside of 24 of 30 levels is shown: "));
    // The largest and the smallest are among them, and their order is that of the load.
    CHECK(choice.levels.front().point->x == 4);
    CHECK(choice.levels.back().point->x == 33);
    for (std::size_t i = 1; i < choice.levels.size(); ++i) {
        CHECK(choice.levels[i].point->x > choice.levels[i - 1].point->x);
    }
}

TEST_CASE("report data: a page of 12 levels of 5,000 requests has room under a megabyte") {
    report::source s = one_run({16});
    report::source_run& run = s.runs[0];
    auto& requests = run.levels[0].requests;
    const std::size_t there = requests.size();
    for (std::size_t i = there; i < 5000; ++i) {
        request_record r = requests[i % there];
        r.index = i;
        r.event_times.clear();  // those of the first ones fill every cell that there is
        requests.push_back(std::move(r));
    }
    repeat_first(run, 12);
    std::vector<report::source> all;
    all.push_back(std::move(s));
    const std::string data = report::report_json(all);
    CHECK(data.size() < 600'000);  // the page itself has the rest
    CHECK(json::parse(data).at("details").as_array().size() == 12);
}

TEST_CASE("report data: stalls without number do not make the page grow") {
    report::source s = one_run({16});
    report::source_run& run = s.runs[0];
    for (request_record& r : run.levels[0].requests) {
        r.event_times.clear();
        for (int i = 0; i < 600; ++i)
            r.event_times.push_back(r.moments.get(moment::first_token).value_or(0s) + i * 60ms);
    }
    for (named_metric& m : run.levels[0].summary.metrics) {
        if (std::string{m.name} == "event_gap_ms") m.values->p50 = 4;
    }
    repeat_first(run, 12);
    std::vector<report::source> all;
    all.push_back(std::move(s));
    const std::string data = report::report_json(all);
    CHECK(data.size() < 600'000);
    const json::value timeline = json::parse(data).at("details").at(11).at("timeline");
    const json::value& request = timeline.at("requests").at(0);
    CHECK(request.at("stall_count").to_number<int>() == 599);
    CHECK(request.at("stalled").to_number<double>() == doctest::Approx(599 * 0.06));
    CHECK(request.at("stalls").as_array().size() == 8);
}

TEST_CASE(
    "report data: a figure beyond all that is known, and one with one end, are kept as such") {
    std::vector<report::source> all;
    all.push_back(one_run({4}));
    level_summary& level = all[0].runs[0].levels[0].summary;
    for (named_metric& m : level.metrics) {
        if (std::string{m.name} == "ttft_ms") m.values->ci95.p95 = interval{67, INFINITY};
        if (std::string{m.name} == "e2e_ms") m.values->p95 = INFINITY;
    }
    const json::value data = data_of(all);
    const json::value& figures = data.at("series").at(0).at("points").at(0).at("figures");
    CHECK(figures.at("ttft_p95_ms").at("ci95") == json::array{67, nullptr});
    CHECK(figures.at("e2e_p95_ms").at("value").is_null());
    CHECK(figures.at("e2e_p95_ms").at("beyond").to_number<double>() == level.metric("e2e_ms")->max);
    CHECK(data.at("figures").at("ttft_p95_ms").at("has_interval").as_bool());
    CHECK_FALSE(data.at("figures").at("output_tokens_per_second").at("has_interval").as_bool());
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/report.schema.json")};
    CHECK(schema.error_in(data) == "");
}

TEST_CASE("report data: the knee of an open loop is on the axis of what was in flight") {
    test::virtual_setup setup = test::ordinary_setup({1});
    setup.scenario.load.arrivals.rates = {1, 4, 7, 9};
    std::vector<report::source> all;
    all.push_back(test::source_of_run(std::move(setup)));
    const json::value series = data_of(all).at("series").at(0);
    CHECK(series.at("latencies_from").as_string() == "arrival");
    REQUIRE(series.at("knee").is_object());
    CHECK(series.at("knee").at("of").as_string() == "in flight");
    all[0] = one_run({1, 2, 4, 8, 16});
    const json::value closed = data_of(all).at("series").at(0);
    CHECK(closed.at("latencies_from").as_string() == "send");
    REQUIRE(closed.at("knee").is_object());
    CHECK(closed.at("knee").at("of").as_string() == "as the series");
}

TEST_CASE("report data: nothing measured is said in words, and is no error") {
    report::source s = one_run({1});
    s.runs[0].summary.levels.clear();
    s.runs[0].levels.clear();
    std::vector<report::source> all;
    all.push_back(std::move(s));
    const json::value data = data_of(all);
    CHECK(data.at("verdict").at("headline").as_string() == "Nothing was measured.");
    CHECK(data.at("details").as_array().empty());
}

TEST_CASE("verdict: what carries, what limits, in words") {
    std::vector<report::source> all;
    all.push_back(one_run());
    const auto v = report::verdict_of(all, report::series_of(all));
    CAPTURE(v.headline);
    CHECK(
        v.headline.starts_with("From 1 stream to 4 streams it is not decided whether ttft < 500 "
                               "ms in 95 % of the requests holds: with 4 streams 100 % of "));
    CHECK(v.headline.find("; 8 streams did not: 0 % of ") != std::string::npos);
    REQUIRE(v.carries.size() == 1);
    CHECK(v.carries[0].starts_with("The most output: "));
    REQUIRE(v.limits.size() == 1);
    CHECK(v.limits[0].starts_with("What limits: slots. 4 streams ran at once, "));
    CHECK(v.valid);
    CHECK(v.validity == std::vector<std::string>{"The run is valid: every bound holds."});
    all.push_back(test::source_of_sweep({2}));
    const auto both = report::verdict_of(all, report::series_of(all));
    CHECK(both.headline.starts_with("run1: "));
    CHECK(both.carries.back().starts_with("sweep1: "));
}

TEST_CASE("tested: each value once, and what differs is listed") {
    std::vector<report::source> all;
    all.push_back(test::source_of_sweep({2, 4}));
    const auto rows = report::tested_of(all);
    const auto value = [&](const std::string& name) {
        for (const auto& [key, text] : rows) {
            if (key == name) return text;
        }
        return std::string{"none"};
    };
    CHECK(value("Server") == "LM Studio 0.4.16, build 1");
    CHECK(value("Model") == "qwen/qwen3-4b");
    CHECK(value("Quantization") == "Q4_K_M");
    CHECK(value("Settings") ==
          "parallel 2, unified KV on, context 100000; parallel 2, unified KV off, context 100000; "
          "parallel 4, unified KV on, context 100000; parallel 4, unified KV off, context 100000");
    CHECK(value("host") == "bench1");
    CHECK(value("Measured") == "2026-09-21 14:13 UTC");
    CHECK(report::title_of(all) == "qwen/qwen3-4b on LM Studio 0.4.16, build 1");
}
