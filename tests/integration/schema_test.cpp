// The published schemas against what the program really writes, by a validator that others wrote.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "workload/scenario_json.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

const std::string directory = PROJECT_DIRECTORY "/docs/schema/";

test::json_schema schema_of(const std::string& name) {
    return test::json_schema{test::content_of(directory + name)};
}

/// Valid as it is, and refused without any of its required fields or with an unknown one.
void check_strictly(const test::json_schema& schema, const json::value& v) {
    CHECK(schema.error_in(v) == "");
    const auto shorter = schema.without_each_required(v);
    CHECK(shorter.size() > 20);
    for (const auto& m : shorter) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
    const auto longer = schema.with_an_unknown_field(v);
    CHECK_FALSE(longer.empty());
    for (const auto& m : longer) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
}

/// A run with all that a result can hold: several levels, failures, labels, event times.
fs::path make_result(const test::temporary_directory& at) {
    test::simulator sim{
        {"--step-base", "1ms", "--step-per-stream", "0", "--context-length", "700"}};
    const fs::path out = at.path() / "out";
    const auto run = test::run_lmstress({"run",      "--url",         sim.url(),
                                         "--api",    "openai-chat",   "--concurrency",
                                         "1,2x",     "--requests",    "24",
                                         "--warmup", "100ms",         "--max-tokens",
                                         "90",       "--events",      "--label",
                                         "a=b",      "--temperature", "0.5",
                                         "--extra",  R"({"x": 1})",   "--max-error-rate",
                                         "1",        "--out",         out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    return out;
}

}  // namespace

TEST_CASE("schema: the one of scenarios is the one that the program reads by") {
    const std::string file = directory + "scenario.schema.json";
    const std::string text = lmstress::workload::scenario_schema();
    const char* update = std::getenv("UPDATE_GOLDEN");
    if (update != nullptr && std::string_view{update} == "1") {
        std::ofstream{file, std::ios::binary} << text;
    }
    CHECK_MESSAGE(test::content_of(file) == text, "UPDATE_GOLDEN=1 writes it");
}

TEST_CASE("schema: every scenario of the project is valid by it") {
    const auto schema = schema_of("scenario.schema.json");
    json::parse_options commented;
    commented.allow_comments = true;
    for (const auto& entry : fs::directory_iterator{PROJECT_DIRECTORY "/scenarios"}) {
        if (entry.path().extension() != ".jsonc") continue;
        CAPTURE(entry.path());
        const auto v = json::parse(test::content_of(entry.path()), {}, commented);
        CHECK(schema.error_in(v) == "");
    }
}

TEST_CASE("schema: it refuses what the program refuses, and takes what it takes") {
    const auto schema = schema_of("scenario.schema.json");
    const auto agree = [&](const char* text, bool good) {
        CAPTURE(text);
        lmstress::scenario s;
        CHECK(lmstress::workload::read_scenario(text, "x", s).has_value() == good);
        CHECK(schema.error_in(json::parse(text)).empty() == good);
    };
    for (const char* text :
         {"{}", R"({"load":{"concurrency":4}})", R"({"load":{"concurrency":"1,2x"}})",
          R"({"load":{"concurrency":[1,"0.5x"]}})", R"({"load":{"duration":"1.5s"}})",
          R"({"load":{"duration":"0"}})", R"({"server":{"unified_kv":true}})",
          R"({"server":{"unified_kv":"off"}})", R"({"workload":{"synthetic":"normal:9,2"}})",
          R"({"request":{"stop":"a"}})", R"({"request":{"stop":["a"]}})",
          R"({"request":{"tool_choice":{"type":"function"}}})",
          R"({"request":{"temperature":1.5}})", R"({"output":{"labels":{"a":"b"}}})",
          R"({"target":{"model":""}})"}) {
        agree(text, true);
    }
    for (const char* text : {R"({"load":{"concurrency":0}})",
                             R"({"load":{"concurrency":"x"}})",
                             R"({"load":{"concurrency":true}})",
                             R"({"load":{"duration":"3"}})",
                             R"({"load":{"duration":3}})",
                             R"({"loads":{}})",
                             R"({"load":{"durations":"3s"}})",
                             R"({"server":{"unified_kv":"yes"}})",
                             R"({"server":{"parallel":1024}})",
                             R"({"server":{"parallel":1.5}})",
                             R"({"workload":{"synthetic":"poisson:3"}})",
                             R"({"workload":{"prompt":""}})",
                             R"({"request":{"temperature":3}})",
                             R"({"load":{"concurrency":[1,"2y"]}})",
                             R"({"load":{"concurrency":[]}})",
                             R"({"load":{"concurrency":[1.5]}})",
                             R"({"load":{"concurrency":[{"a":1}]}})",
                             R"({"load":{"duration":"1e3s"}})",
                             R"({"load":{"duration":".5s"}})",
                             R"({"load":{"requests":5,"duration":"3s"}})",
                             R"({"workload":{"synthetic":"fixed:0"}})",
                             R"({"workload":{"prompt":"a","prompts":"b"}})",
                             R"({"request":{"model":"m"}})",
                             R"({"request":{"tool_choice":"any"}})",
                             R"({"output":{"labels":{"a":1}}})",
                             R"({"target":{"api":"openai"}})",
                             "[]"}) {
        agree(text, false);
    }
}

TEST_CASE("schema: real output is valid, and each field that is required is missed") {
    const test::temporary_directory at;
    const fs::path out = make_result(at);
    const json::value summary = json::parse(test::content_of(out / "summary.json"));
    CHECK(summary.at("levels").at(1).at("errors").as_object().size() > 0);
    const auto of_summary = schema_of("summary.schema.json");
    check_strictly(of_summary, summary);
    CHECK(schema_of("scenario.schema.json").error_in(summary.at("scenario")) == "");

    const auto of_request = schema_of("request.schema.json");
    std::size_t failed = 0;
    for (const std::string& line : test::lines_of(out / "requests.jsonl")) {
        CAPTURE(line);
        const json::value v = json::parse(line);
        CHECK(of_request.error_in(v) == "");
        if (v.at("error").is_null() || failed++ > 0) continue;
        check_strictly(of_request, v);
    }
    CHECK(failed > 0);
}
