// Every format is a function of the results: what it made of these is in tests/golden.

#include "report/csv.hpp"
#include "report/hlog.hpp"
#include "report/interval_table.hpp"
#include "report/markdown.hpp"
#include "report/prometheus.hpp"
#include "report/report_data.hpp"
#include "report/trace_events.hpp"
#include "support/golden.hpp"
#include "support/sources.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

/// Three levels, with failures in them.
const std::vector<report::source>& run_with_errors() {
    static const std::vector<report::source> all = [] {
        test::virtual_setup setup = test::ordinary_setup();
        setup.server.faults =
            sim::parse_faults(std::vector<std::string>{"error-mid:0.05", "500:0.03"}).value();
        std::vector<report::source> out;
        out.push_back(test::source_of_run(std::move(setup)));
        return out;
    }();
    return all;
}

/// Few and short ones, for what has a line for each.
const std::vector<report::source>& short_run() {
    static const std::vector<report::source> all = [] {
        test::virtual_setup setup = test::ordinary_setup({2});
        setup.scenario.load.duration = 1s;
        setup.scenario.workload.max_tokens = 6;
        std::vector<report::source> out;
        out.push_back(test::source_of_run(std::move(setup)));
        return out;
    }();
    return all;
}

const std::vector<report::source>& sweep() {
    static const std::vector<report::source> all = [] {
        std::vector<report::source> out;
        out.push_back(test::source_of_sweep({2, 4}));
        return out;
    }();
    return all;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in{text};
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

}  // namespace

TEST_CASE("markdown: of a run and of a sweep") {
    test::check_golden("report-run.md", report::markdown(run_with_errors()));
    test::check_golden("report-sweep.md", report::markdown(sweep()));
}

TEST_CASE("page: its data") {
    // A line a member, so that a change can be read.
    std::string text = report::report_json(short_run());
    for (std::size_t at = 0; (at = text.find(",\"", at)) != std::string::npos; at += 2) {
        text.insert(at + 1, "\n");
    }
    test::check_golden("report-data.json", text + '\n');
}

TEST_CASE("markdown: thresholds have their verdicts, and loads their names") {
    auto all = run_with_errors();
    all[0].runs[0].summary.setup.thresholds = {"ttft_ms.p50 < 1"};
    const std::string text = report::markdown(all);
    CHECK(text.find("## Thresholds\n\n| verdict | threshold | found | run | load |\n"
                    "|---|---|--:|---|---|\n| fail | ttft\\_ms.p50 \\< 1 | ") != std::string::npos);
    CHECK(text.find(" | run1 | lmstudio 4 streams |\n") != std::string::npos);
    CHECK(text.find("|---|---|---|--:|---|---|\n| run1 | 1 stream | ") != std::string::npos);
}

TEST_CASE("markdown: a figure of too few requests stands in brackets, one beyond all says so") {
    auto all = short_run();
    level_summary& level = all[0].runs[0].levels[0].summary;
    for (named_metric& m : level.metrics) {
        if (!m.values) continue;
        const std::string_view name = m.name;
        if (name == "ttft_ms") m.values->ci95.p95 = interval{10, INFINITY};
        if (name == "e2e_ms") m.values->p95 = INFINITY;
    }
    const std::string text = report::markdown(all);
    const double p95 = level.metric("ttft_ms")->p95;
    CHECK(text.find(" | (" + report::number_text(p95) + ") | ") != std::string::npos);
    CHECK(text.find(" | \\>" + report::number_text(level.metric("e2e_ms")->max) + " | ") !=
          std::string::npos);
}

TEST_CASE("markdown: of an open loop latencies are named as what they are") {
    test::virtual_setup setup = test::ordinary_setup({1});
    setup.scenario.load.arrivals.rates = {5};
    std::vector<report::source> all;
    all.push_back(test::source_of_run(std::move(setup)));
    const std::string text = report::markdown(all);
    CHECK(text.find("| TTFT from the arrival p50, ms | TTFT from the arrival p95, ms |") !=
          std::string::npos);
    CHECK(text.find("E2E from the arrival p95, ms") != std::string::npos);
    CHECK(text.find("| ITL p50, ms |") != std::string::npos);
}

TEST_CASE("markdown: what a server said is no markup") {
    auto all = run_with_errors();
    for (auto& level : all[0].runs[0].summary.levels) {
        for (auto& [kind, e] : level.errors) e.example = "<script>x</script> | **b** `c`\n# d";
    }
    const std::string text = report::markdown(all);
    CHECK(text.find("<script>") == std::string::npos);
    CHECK(text.find("\\<script\\>x\\</script\\> \\| \\*\\*b\\*\\* \\`c\\`") != std::string::npos);
    CHECK(text.find("\n# d") == std::string::npos);
}

TEST_CASE("csv: a row a level, each with a cell for each column") {
    const std::string text = report::csv(run_with_errors());
    test::check_golden("report.csv", text);
    const auto lines = lines_of(text);
    REQUIRE(lines.size() == 4);
    const auto cells = std::count(lines[0].begin(), lines[0].end(), ',');
    CHECK(cells > 200);
    for (const std::string& line : lines) CHECK(std::count(line.begin(), line.end(), ',') == cells);
}

TEST_CASE("csv: every figure of a level has its column, also what only some levels have") {
    const std::string text = report::csv(run_with_errors());
    const std::string head = ',' + text.substr(0, text.find('\n')) + ',';
    for (const char* name :
         {"slo.met", "slo.ci95.low", "slo.clauses.ttft.attainment", "load.in_flight.max",
          "load.in_flight.growth", "load.littles_law_residual", "load.achieved_rate",
          "tokens.cached", "tokens.reasoning", "requests.retried", "requests.model_mismatch",
          "errors.engine_failed.count", "events.coalesced", "client.read_lag_ms.p99",
          "client.cpu_share", "network.retransmits", "steady_state.ttft_change"}) {
        CAPTURE(name);
        CHECK(head.find(std::string{','} + name + ',') != std::string::npos);
    }
    CHECK(head.find("slo.clauses.tpot") == std::string::npos);
    CHECK(head.find("draft.") == std::string::npos);
}

TEST_CASE("csv: a model's name is no formula, and its quotes and commas are its own") {
    auto all = short_run();
    all[0].runs[0].summary.levels[0].setup.target.model = "=HYPERLINK(\"http://x\",\"y\")";
    const std::string text = report::csv(all);
    CHECK(text.find(",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",") != std::string::npos);
}

TEST_CASE("hlog: a line a metric and level, in the words of the format") {
    const std::string text = report::hlog(short_run());
    test::check_golden("report.hlog", text);
    const auto lines = lines_of(text);
    REQUIRE(lines.size() > 5);
    CHECK(lines[0] == "#[Histogram log format version 1.3]");
    CHECK(lines[1].starts_with("#[StartTime: 1790000000.000 (seconds since epoch), "));
    for (std::size_t i = 4; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK(lines[i].starts_with("Tag=run1.level0."));
        CHECK(std::count(lines[i].begin(), lines[i].end(), ',') == 4);
        // "HISTFAAA" is how the cookie of the compressed V2 encoding begins in base64.
        CHECK(lines[i].find(",HISTFAAA") != std::string::npos);
    }
}

TEST_CASE("trace: JSON of the trace event format, in which spans nest") {
    const std::string text = report::trace_json(short_run());
    test::check_golden("report-trace.json", text);
    struct span {
        double begin;
        double end;
    };
    std::map<std::int64_t, std::vector<span>> requests;
    std::size_t parts = 0;
    const json::value all = json::parse(text);
    for (const json::value& e : all.at("traceEvents").as_array()) {
        if (e.at("ph").as_string() != "X") continue;
        const double begin = e.at("ts").to_number<double>();
        const double end = begin + e.at("dur").to_number<double>();
        auto& line = requests[e.at("tid").to_number<std::int64_t>()];
        if (e.at("name").as_string().starts_with("request ")) {
            // Requests of a line follow one another.
            if (!line.empty()) CHECK(begin >= line.back().end - 0.001);
            line.push_back({begin, end});
            continue;
        }
        ++parts;
        REQUIRE_FALSE(line.empty());
        CHECK(begin >= line.back().begin - 0.001);
        CHECK(end <= line.back().end + 0.001);
    }
    CHECK(requests.size() == 2);
    CHECK(parts > 10);
}

TEST_CASE("trace: of an open loop no two requests are on one line at once") {
    test::virtual_setup setup = test::ordinary_setup({1});
    setup.scenario.load.arrivals.rates = {20};
    setup.scenario.load.duration = 3s;
    std::vector<report::source> all;
    all.push_back(test::source_of_run(std::move(setup)));
    std::map<std::int64_t, double> busy_until;
    const json::value trace = json::parse(report::trace_json(all));
    for (const json::value& e : trace.at("traceEvents").as_array()) {
        if (!e.at("name").as_string().starts_with("request ")) continue;
        const double begin = e.at("ts").to_number<double>();
        double& until = busy_until[e.at("tid").to_number<std::int64_t>()];
        CHECK(begin >= until - 0.001);
        until = begin + e.at("dur").to_number<double>();
    }
    CHECK(busy_until.size() > 2);
}

TEST_CASE("prometheus: every family once, a sample a level") {
    const std::string text = report::prometheus(run_with_errors());
    test::check_golden("report.prom", text);
    std::map<std::string, int> families;
    for (const std::string& line : lines_of(text)) {
        if (line.starts_with("# TYPE ")) ++families[line];
    }
    CHECK(families.size() == 11);
    for (const auto& [family, n] : families) {
        CAPTURE(family);
        CHECK(n == 1);
    }
    CHECK(text.find("lmstress_output_tokens_per_second{run=\"run1\",model=\"qwen/qwen3-4b\","
                    "api=\"lmstudio\",level=\"1\",streams=\"4\"} ") != std::string::npos);
}
