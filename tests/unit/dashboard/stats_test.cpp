#include "dashboard/stats.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
namespace json = boost::json;

namespace {

struct made {
    std::string model;
    double speed;
    std::string quantization = "Q4_K_M";
    std::string architecture = "qwen3";
    std::uint64_t size = 2'000'000'000;
    std::optional<std::int64_t> parallel = 4;
};

/// Each began a second after the one before it.
std::vector<store::history_entry> runs_of(const std::vector<made>& all) {
    std::vector<store::history_entry> out;
    for (const made& m : all) {
        store::history_entry e;
        e.id = static_cast<std::int64_t>(out.size() + 1);
        e.started_unix_ns = e.id * 1'000'000'000;
        e.model = m.model;
        e.quantization = m.quantization;
        e.parallel = m.parallel;
        e.levels.push_back({.streams = 1, .output_tokens_per_second = m.speed / 2});
        e.levels.push_back({.streams = 8,
                            .output_tokens_per_second = m.speed,
                            .ttft_p50_ms = 100,
                            .ttft_p95_ms = 200});
        if (!m.architecture.empty()) {
            e.about_model = model_facts{.architecture = m.architecture, .size_bytes = m.size};
        }
        out.push_back(e);
    }
    return out;
}

json::value stats(const std::vector<store::history_entry>& runs) {
    return json::parse(dashboard::stats_json(runs));
}

double number(const json::value& v) {
    return v.to_number<double>();
}

}  // namespace

TEST_CASE("dashboard stats: of no run nothing is made up") {
    const json::value s = stats({});
    CHECK(s.at("speed_summary").is_null());
    for (const char* list : {"top_models_extended", "quantization_distribution",
                             "architecture_distribution", "efficiency_top"}) {
        CHECK(s.at(list).as_array().empty());
    }
    CHECK(s.as_object().size() == 5);
}

TEST_CASE("dashboard stats: the summary of speeds, by quantiles that runs have") {
    std::vector<made> all;
    for (int i = 1; i <= 20; ++i) all.push_back({"m", static_cast<double>(i)});
    const json::value s = stats(runs_of(all)).at("speed_summary");
    CHECK(number(s.at("min")) == 1);
    CHECK(number(s.at("p50")) == 10);
    CHECK(number(s.at("avg")) == 10.5);
    CHECK(number(s.at("p95")) == 19);
    CHECK(number(s.at("max")) == 20);
    CHECK(s.as_object().size() == 5);
}

TEST_CASE("dashboard stats: what is not valid, or made no token, does not count") {
    auto runs = runs_of({{"a", 100}, {"b", 50}, {"c", 10}});
    runs[0].valid = false;
    for (auto& level : runs[1].levels) level.output_tokens_per_second.reset();
    const json::value s = stats(runs);
    CHECK(number(s.at("speed_summary").at("max")) == 10);
    CHECK(s.at("top_models_extended").as_array().size() == 1);
    CHECK(s.at("quantization_distribution").at(0).at("runs") == 1);
}

TEST_CASE("dashboard stats: the top ten are models, each by its fastest run") {
    std::vector<made> all;
    for (int i = 0; i < 12; ++i) all.push_back({"model" + std::to_string(i), 10.0 + i});
    all.push_back({"model0", 500});
    all.push_back({"model0", 300, "Q8_0"});
    const json::value top = stats(runs_of(all)).at("top_models_extended");
    REQUIRE(top.as_array().size() == 10);
    CHECK(top.at(0).at("model_name") == "model0");
    CHECK(number(top.at(0).at("speed")) == 500);
    CHECK(top.at(0).at("vram_mb").is_null());
    CHECK(top.at(0).at("architecture") == "qwen3");
    CHECK(top.at(1).at("quantization") == "Q8_0");
    CHECK(top.at(2).at("model_name") == "model11");
    CHECK(top.at(0).as_object().size() == 5);
}

TEST_CASE("dashboard stats: distributions count runs, most first, unknown ones as null") {
    const json::value s = stats(runs_of({{"a", 1, "Q8_0"},
                                         {"b", 1, "Q4_0"},
                                         {"c", 1, "Q4_0"},
                                         {"d", 1, "", ""},
                                         {"e", 1, "", ""}}));
    const json::value& q = s.at("quantization_distribution");
    CHECK(q.as_array().size() == 3);
    CHECK(q.at(0).at("name").is_null());
    CHECK(q.at(0).at("runs") == 2);
    CHECK(q.at(1).at("name") == "Q4_0");
    CHECK(q.at(2).at("runs") == 1);
    CHECK(s.at("architecture_distribution").at(0).at("name") == "qwen3");
    CHECK(s.at("architecture_distribution").at(0).at("runs") == 3);
}

TEST_CASE("dashboard stats: efficiency is by the size of the file, and says so") {
    const json::value rows = stats(runs_of({{"big", 100, "Q8_0", "x", 10'000'000'000},
                                            {"small", 50, "Q4_0", "x", 500'000'000},
                                            {"unknown", 900, "Q4_0", ""}}))
                                 .at("efficiency_top");
    REQUIRE(rows.as_array().size() == 2);
    CHECK(rows.at(0).at("model_name") == "small");
    CHECK(number(rows.at(0).at("tokens_per_sec_per_gb")) == doctest::Approx(100));
    CHECK(number(rows.at(0).at("gb")) == doctest::Approx(0.5));
    CHECK(rows.at(0).at("gb_of") == "file");
    CHECK(number(rows.at(1).at("tokens_per_sec_per_gb")) == doctest::Approx(10));
}

TEST_CASE("dashboard: speed over time is a series for each model, setting and number of streams") {
    auto runs = runs_of({{"a", 10}, {"a", 20}, {"a", 30, "Q4_K_M", "x", 1, 8}, {"b", 5}, {"a", 7}});
    runs[1].unified_kv = false;
    runs[0].unified_kv = false;
    runs[4].unified_kv = false;
    for (auto& level : runs[4].levels) level.streams = 2;  // slower, and no slower server
    std::swap(runs[0], runs[1]);                           // newest first, as the history has them
    const json::value all = json::parse(dashboard::speed_json(runs)).at("series");
    REQUIRE(all.as_array().size() == 4);
    CHECK(all.at(0).at("setting") == "parallel 4, unified KV off");
    CHECK(all.at(0).at("streams") == 8);
    REQUIRE(all.at(0).at("points").as_array().size() == 2);
    CHECK(number(all.at(0).at("points").at(0).at("speed")) == 10);
    CHECK(all.at(0).at("points").at(1).at("id") == 2);
    CHECK(all.at(0).at("points").at(1).at("t_unix_ms") == 2000);
}

TEST_CASE(
    "dashboard: the best setting of a model is that of its fastest run, whose figures stand by "
    "it") {
    const json::value best =
        json::parse(dashboard::best_json(runs_of({{"a", 40, "q", "x", 1, 2},
                                                  {"a", 50, "q", "x", 1, 4},
                                                  {"a", 12, "q", "x", 1, 4},
                                                  {"b", 70, "q", "x", 1, {}}})))
            .at("best");
    REQUIRE(best.as_array().size() == 2);
    CHECK(best.at(0).at("model") == "b");
    CHECK(best.at(0).at("setting") == "as it was");
    CHECK(best.at(1).at("parallel") == 4);
    CHECK(number(best.at(1).at("speed")) == 50);
    CHECK(best.at(1).at("streams") == 8);
    CHECK(best.at(1).at("runs") == 2);
    CHECK(best.at(1).at("id") == 2);
    CHECK(number(best.at(1).at("ttft_p95_ms")) == 200);
}

TEST_CASE("dashboard: what came at a rate, or failed, says nothing of how fast a server is") {
    auto runs = runs_of({{"a", 100}, {"a", 300}, {"a", 200}});
    for (auto& level : runs[1].levels) {
        level.streams.reset();
        level.rate = 5;
    }
    runs[2].levels[1].offered = 20;
    runs[2].levels[1].failed = 2;
    CHECK(dashboard::speed_of(runs[0]) == 100.0);
    CHECK_FALSE(dashboard::speed_of(runs[1]).has_value());
    CHECK(dashboard::speed_of(runs[2]) == 100.0);  // that of its level of one stream
}

TEST_CASE("dashboard: how fast a server is that several APIs shared is what all came to together") {
    auto runs = runs_of({{"a", 1218}});
    store::history_level& all = runs[0].levels[1];
    all.api = "lmstudio, openai-chat";
    for (const char* api : {"lmstudio", "openai-chat"}) {
        runs[0].levels.push_back({.api = api, .streams = 8, .ttft_p50_ms = 10});
    }
    CHECK(dashboard::speed_of(runs[0]) == 1218.0);
    const json::value speed = json::parse(dashboard::speed_json(runs)).at("series").at(0);
    CHECK(speed.at("streams") == 8);
    CHECK(number(speed.at("points").at(0).at("speed")) == 1218);
}
