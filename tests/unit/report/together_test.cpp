// Several APIs at once: what the server carried is what all of them came to.

#include "report/together.hpp"

#include "report/csv.hpp"
#include "report/detail_choice.hpp"
#include "report/markdown.hpp"
#include "report/prometheus.hpp"
#include "report/report_data.hpp"
#include "report/verdict.hpp"
#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "support/sources.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace lmstress;
namespace json = boost::json;

namespace {

const std::vector<report::source>& three_apis() {
    static const std::vector<report::source> all = [] {
        test::virtual_setup setup = test::ordinary_setup({2, 4});
        setup.scenario.target.api = "lmstudio,openai-chat,anthropic-messages";
        std::vector<report::source> out;
        out.push_back(test::source_of_run(std::move(setup)));
        return out;
    }();
    return all;
}

/// The rows of a CSV without quotes, each by the names of its columns.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& csv) {
    std::istringstream in{csv};
    std::vector<std::vector<std::string>> lines;
    for (std::string line; std::getline(in, line);) {
        std::vector<std::string>& cells = lines.emplace_back(1);
        bool quoted = false;
        for (const char c : line) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.emplace_back();
            } else {
                cells.back() += c;
            }
        }
    }
    std::vector<std::map<std::string, std::string>> out;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        auto& row = out.emplace_back();
        for (std::size_t k = 0; k < lines[0].size(); ++k) row[lines[0][k]] = lines[i].at(k);
    }
    return out;
}

double sum_of(const run_summary& run, std::uint32_t streams) {
    double out = 0;
    for (const level_summary& level : run.levels) {
        if (level.setup.concurrency == streams) out += level.output_tokens_per_second;
    }
    return out;
}

}  // namespace

TEST_CASE("together: a level for each load, in which rates and counts add up") {
    const run_summary& run = three_apis()[0].runs[0].summary;
    REQUIRE(run.levels.size() == 6);
    const auto sums = report::levels_together(run);
    REQUIRE(sums.size() == 2);
    CHECK(sums[1].output_tokens_per_second == doctest::Approx(sum_of(run, 4)));
    CHECK(sums[1].setup.target.api == "lmstudio, openai-chat, anthropic-messages");
    std::uint64_t offered = 0;
    std::uint64_t met = 0;
    for (const level_summary& level : run.levels) {
        if (level.setup.concurrency != 4) continue;
        offered += level.requests.offered;
        met += level.slo->met;
    }
    CHECK(sums[1].requests.offered == offered);
    CHECK(sums[1].slo->met == met);
    CHECK(sums[1].metric("ttft_ms") == nullptr);
    run_summary of_one = run;
    std::erase_if(of_one.levels,
                  [](const level_summary& l) { return l.setup.target.api != "lmstudio"; });
    CHECK(report::levels_together(of_one).empty());
    // A load that is measured twice is two levels.
    run_summary twice = run;
    twice.levels.insert(twice.levels.end(), run.levels.begin(), run.levels.end());
    CHECK(report::levels_together(twice).size() == 4);
}

TEST_CASE("several APIs: throughput once, as the sum; no law, knee or limit of a part") {
    const auto& all = three_apis();
    const auto series = report::series_of(all);
    REQUIRE(series.size() == 4);
    CHECK(series[0].together);
    CHECK(series[0].name == "all APIs together");
    CHECK(series[0].points[1].at("output_tokens_per_second")->mean ==
          doctest::Approx(sum_of(all[0].runs[0].summary, 4)));
    CHECK(series[0].points[1].at("ttft_p50_ms") == nullptr);
    for (const report::series& s : series) {
        CHECK_FALSE(s.law.has_value());
        CHECK_FALSE(s.knee.has_value());
        if (s.together) continue;
        CAPTURE(s.name);
        CHECK(s.points[1].at("output_tokens_per_second") == nullptr);
        CHECK(s.points[1].at("requests_per_second") == nullptr);
        CHECK(s.points[1].at("goodput_per_second") == nullptr);
        CHECK(s.points[1].at("ttft_p50_ms") != nullptr);
    }
    CHECK(report::choose_details(series).levels.size() == 6);
    const auto v = report::verdict_of(all, series);
    CAPTURE(v.headline);
    CHECK(v.headline.starts_with("The most output: "));
    CHECK(v.headline.ends_with(", over lmstudio, openai-chat, anthropic-messages together."));
    CHECK(v.limits.empty());
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/report.schema.json")};
    CHECK(schema.error_in(json::parse(report::report_json(all))) == "");
}

TEST_CASE("several APIs: CSV and Prometheus give rates once, in a row of their own") {
    const auto& all = three_apis();
    const auto rows = rows_of(report::csv(all));
    REQUIRE(rows.size() == 8);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(rows[i].at("throughput.output_tokens_per_second") == "");
        CHECK(rows[i].at("slo.goodput_per_second") == "");
        CHECK(rows[i].at("ttft_ms.p50") != "");
    }
    CHECK(rows[7].at("level") == "together");
    CHECK(rows[7].at("ttft_ms.p50") == "");
    CHECK(std::stod(rows[7].at("throughput.output_tokens_per_second")) ==
          doctest::Approx(sum_of(all[0].runs[0].summary, 4)));
    const std::string prom = report::prometheus(all);
    CHECK(prom.find("lmstress_output_tokens_per_second{run=\"run1\",model=\"qwen/qwen3-4b\","
                    "api=\"lmstudio\"") == std::string::npos);
    CHECK(prom.find("lmstress_output_tokens_per_second{run=\"run1\",model=\"qwen/qwen3-4b\","
                    "api=\"lmstudio, openai-chat, anthropic-messages\",level=\"together\","
                    "streams=\"4\"} ") != std::string::npos);
    CHECK(prom.find("lmstress_requests{run=\"run1\",model=\"qwen/qwen3-4b\","
                    "api=\"lmstudio, ") == std::string::npos);
    const std::string markdown = report::markdown(all);
    CHECK(markdown.find("### all APIs together\n\n| streams | throughput, output tokens/s |\n") !=
          std::string::npos);
}
