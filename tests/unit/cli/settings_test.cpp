#include "cli/settings.hpp"

#include "api/api.hpp"
#include "cli/setting_rows.hpp"
#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
namespace fs = std::filesystem;

namespace {

/// Files to read settings from, and what was found in them.
class sources {
  public:
    std::string file(const std::string& name, const std::string& text) {
        const fs::path path = directory_.path() / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path} << text;
        return path.string();
    }
    void flag(const std::string& pointer, const std::string& json, const std::string& name) {
        options.flags.push_back({pointer, json, name});
    }
    [[nodiscard]] cli::settings settings() const {
        auto s = cli::effective_settings(options, around);
        if (s.has_error()) FAIL(s.error().message);
        return *std::move(s);
    }
    [[nodiscard]] std::string from(const std::string& pointer) const {
        const auto s = settings();
        const auto found = s.about.origins.find(pointer);
        if (found == s.about.origins.end()) return "default";
        const fs::path source = found->second;
        return source.is_absolute() ? source.filename().string() : found->second;
    }
    [[nodiscard]] error refused() const {
        const auto s = cli::effective_settings(options, around);
        REQUIRE(s.has_error());
        return s.error();
    }
    [[nodiscard]] fs::path at(const std::string& name) const { return directory_.path() / name; }

    cli::run_options options;
    cli::surroundings around;

  private:
    test::temporary_directory directory_;
};

}  // namespace

TEST_CASE("settings: each source goes before the ones that are weaker") {
    sources all;
    const auto max_tokens = [&] { return all.settings().values.workload.max_tokens; };
    const auto from = [&] { return all.from("/workload/max_tokens"); };
    CHECK(max_tokens() == 128);
    CHECK(from() == "default");
    all.around.files.push_back(all.file("config.json", R"({"workload": {"max_tokens": 1}})"));
    CHECK(max_tokens() == 1);
    CHECK(from() == "config.json");
    all.around.files.push_back(all.file("lmstress.json", R"({"workload": {"max_tokens": 2}})"));
    CHECK(max_tokens() == 2);
    CHECK(from() == "lmstress.json");
    all.options.scenario_file = all.file("my.jsonc", R"({"workload": {"max_tokens": 3}})");
    CHECK(max_tokens() == 3);
    CHECK(from() == "my.jsonc");
    all.around.variables = {"LMSTRESS_MAX_TOKENS=4"};
    CHECK(max_tokens() == 4);
    CHECK(from() == "LMSTRESS_MAX_TOKENS");
    all.flag("/workload/max_tokens", "5", "--max-tokens");
    CHECK(max_tokens() == 5);
    CHECK(from() == "--max-tokens");
    all.options.sets = {{"/workload/max_tokens", "6", "--set /workload/max_tokens"}};
    CHECK(max_tokens() == 6);
    CHECK(from() == "--set /workload/max_tokens");
}

TEST_CASE("settings: what a stronger source does not mention stays as the weaker one has it") {
    sources all;
    all.around.files = {all.file("config.json", R"({"target": {"url": "http://a", "model": "m"},
                                                     "load": {"requests": 5}})"),
                        all.file("missing/../lmstress.json", R"({"target": {"url": "http://b"}})"),
                        all.at("nowhere.json").string()};
    const auto s = all.settings();
    CHECK(s.values.target.url == "http://b");
    CHECK(s.values.target.model == "m");
    CHECK(s.values.load.requests == 5);
    CHECK(s.files.size() == 2);
}

TEST_CASE("settings: of fields that exclude each other the strongest source decides") {
    sources all;
    all.around.files = {all.file("lmstress.json", R"({"load": {"requests": 5},
                                                       "workload": {"prompt": "hello"}})")};
    all.around.variables = {"LMSTRESS_DURATION=7s", "LMSTRESS_SYNTHETIC=fixed:9"};
    const auto s = all.settings();
    CHECK_FALSE(s.values.load.requests);
    CHECK(s.values.load.duration == 7s);
    CHECK(s.values.workload.prompt.empty());
    CHECK(all.from("/load/requests") == "default");
    CHECK(all.from("/workload/prompt") == "default");
    CHECK(all.from("/workload/synthetic") == "LMSTRESS_SYNTHETIC");
    all.around.variables.emplace_back("LMSTRESS_REQUESTS=3");
    CHECK(all.refused().message == "LMSTRESS_REQUESTS and LMSTRESS_DURATION exclude each other");
}

TEST_CASE("settings: a token comes from the strongest source that has one, as text or as a file") {
    sources all;
    all.file("conf/token", "in-conf\n");
    all.around.files = {all.file("conf/config.json", R"({"target": {"api_token_file": "token"}})")};
    const auto token = [&] { return all.settings().values.target.api_token; };
    CHECK(token() == "in-conf");
    CHECK(all.settings().values.target.api_token_source == all.at("conf/token"));
    all.around.files.push_back(
        all.file("lmstress.json", R"({"lmstudio": {"api_token": "in-block"}})"));
    CHECK(token() == "in-block");
    CHECK(all.settings().values.target.api_token_source == all.at("lmstress.json"));
    all.around.variables = {"LM_API_TOKEN=of-environment"};
    CHECK(token() == "of-environment");
    all.around.variables.emplace_back("LMSTRESS_API_TOKEN=of-ours");
    CHECK(token() == "of-ours");
    all.flag("/target/api_token_file", '"' + all.at("conf/token").string() + '"',
             "--api-token-file");
    CHECK(token() == "in-conf");
    all.flag("/target/api_token", "\"x\"", "--api-token");
    CHECK(all.refused().message == "--api-token and --api-token-file exclude each other");
}

TEST_CASE("settings: a wrong value is told with its source, and no secret is told at all") {
    sources all;
    all.around.variables = {"LMSTRESS_N_PARALLEL=0"};
    CHECK(all.refused().message == "LMSTRESS_N_PARALLEL: 0 is not a whole number from 1 to 1023");
    all.around.variables = {"LMSTRESS_URL=http://me:SECRET@h"};
    CHECK(all.refused().message.find("SECRET") == std::string::npos);
    all.around.variables.clear();
    const std::string file = all.file("lmstress.json", R"({"target": {"api_token": 424242}})");
    all.around.files = {file};
    CHECK(all.refused().message == file + ": /target/api_token is not a text");
    all.file("lmstress.json", R"({"target": {"api_token": "two words"}})");
    CHECK(all.refused().message ==
          "the API token of " + file + " holds something that no token does");
}

TEST_CASE("settings: the SDK's socket is asked for by its name, and refused where it is unknown") {
    sources all;
    all.around.files = {all.file("lmstress.json", R"({"lmstudio": {"use_rest_api": false}})")};
    const bool known = std::count(api::api_words.begin(), api::api_words.end(), "lmstudio-sdk") > 0;
    if (!known) {
        const error e = all.refused();
        CHECK(e.code == errc::usage);
        CHECK(e.message.find("--api lmstudio-sdk") != std::string::npos);
    } else {
        CHECK(all.settings().values.target.api == "lmstudio-sdk");
    }
    all.flag("/target/api", "\"lmstudio\"", "--api");
    CHECK(all.settings().values.target.api == "lmstudio");
}

TEST_CASE("settings: answers from memory and what makes them different exclude each other") {
    sources all;
    all.flag("/load/response_cache", "true", "--response-cache");
    CHECK(all.settings().notes.size() == 1);
    all.flag("/workload/salt", "none", "--salt");
    CHECK(all.settings().notes.empty());
    for (const char* extra : {R"({"integrations": ["mcp/x"]})", R"({"previous_response_id": "r"})",
                              R"({"store": false})"}) {
        all.options.sets = {{"/request/extra", extra, "--extra"}};
        const error e = all.refused();
        CHECK(e.code == errc::usage);
        CHECK(e.message.starts_with("--response-cache and \""));
    }
    all.options.sets = {{"/request/extra", R"({"integrations": null, "x": 1})", "--extra"}};
    CHECK(all.settings().values.request.response_cache);
}

TEST_CASE("settings: the user's file is where XDG says, else under the home directory") {
    CHECK(cli::user_config({"HOME=/home/me"}) == "/home/me/.config/lmstress/config.json");
    CHECK(cli::user_config({"HOME=/home/me", "XDG_CONFIG_HOME=/c"}) == "/c/lmstress/config.json");
    CHECK(cli::user_config({"XDG_CONFIG_HOME=c", "HOME=/h"}) == "/h/.config/lmstress/config.json");
    CHECK(cli::user_config({"HOMER=/x"}).empty());
}

TEST_CASE("settings: rows tell value and origin of every field, and no secret") {
    sources all;
    all.around.variables = {"LM_API_TOKEN=SECRET-1", "LMSTRESS_HEADER=X-Key: SECRET-2",
                            "LMSTRESS_LABEL=machine=m4"};
    all.options.sets = {{"/request/top_p", "0.9", "--set /request/top_p"},
                        {"/request/extra", R"({"headers": {"a": "SECRET-3"}})", "--extra"}};
    const auto s = all.settings();
    std::string told;
    for (const auto& row : cli::setting_rows(s)) {
        told += row.pointer + ' ' + row.value.value_or("-") + ' ' + row.from + '\n';
    }
    const auto has = [&](const std::string& line) {
        CAPTURE(told);
        CHECK(told.find(line + '\n') != std::string::npos);
    };
    has("/target/url \"http://127.0.0.1:1234\" default");
    has("/target/model - default");
    has("/target/api_token \"***\" LM_API_TOKEN");
    has("/target/headers/X-Key \"***\" LMSTRESS_HEADER");
    has("/output/labels/machine \"m4\" LMSTRESS_LABEL");
    has("/request/top_p 0.9 --set /request/top_p");
    has(R"(/request/extra {"headers":{"a":"***"}} --extra)");
    for (const std::string& text : {told, cli::settings_table(s), cli::settings_json(s)}) {
        CHECK(text.find("SECRET") == std::string::npos);
    }
}

TEST_CASE("settings: a load is open or closed, by one of the ways to say so") {
    struct row {
        const char* pointer;
        const char* json;
    };
    const std::vector<row> ways = {{"/load/concurrency", "4"},
                                   {"/load/rate", "[1, 2]"},
                                   {"/load/rate_steps", "\"1:30s,2:30s\""},
                                   {"/load/ramp", "\"1..10\""},
                                   {"/load/trace", "\"trace.csv\""}};
    for (const row& first : ways) {
        for (const row& second : ways) {
            if (&first == &second) continue;
            CAPTURE(first.pointer);
            CAPTURE(second.pointer);
            sources both;
            both.flag(first.pointer, first.json, "--first");
            both.flag(second.pointer, second.json, "--second");
            CHECK(both.refused().message == "--second and --first exclude each other");

            // A stronger source takes the other's place.
            sources over;
            std::string name = std::string{first.pointer}.substr(6);
            over.around.files = {
                over.file("lmstress.json", "{\"load\": {\"" + name + "\": " + first.json + "}}")};
            over.flag(second.pointer, second.json, "--second");
            const load_settings load = over.settings().values.load;
            const arrival_settings& a = load.arrivals;
            CHECK(a.is_open() == (&second != &ways[0]));
            CHECK(!a.rates.empty() + !a.steps.empty() + a.ramp.has_value() +
                      !a.trace_file.empty() ==
                  (&second == &ways[0] ? 0 : 1));
        }
    }
}

TEST_CASE("settings: what an open loop is stored as can be run again") {
    for (const char* json :
         {R"({"rate": [0.5, 2], "arrivals": "gamma:2", "max_in_flight": 7, "catch_up": true})",
          R"({"rate": "0.5,2", "requests": 9})", R"({"rate": 3})",
          R"({"rate_steps": "1:30s,0:5s,2:30s"})", R"({"ramp": "1..10", "duration": "1m"})",
          R"({"trace": "/t.csv", "trace_scale": 0.5, "trace_limit": 10})",
          R"({"trace": "/t.csv", "duration": "1m"})"}) {
        CAPTURE(json);
        scenario s;
        REQUIRE(
            workload::read_scenario(std::string{"{\"load\": "} + json + "}", "s", s).has_value());
        scenario again;
        REQUIRE(workload::read_scenario(workload::to_json(s), "stored", again).has_value());
        CHECK(workload::to_json(again) == workload::to_json(s));
        CHECK(again.load.ends_with_arrivals() == s.load.ends_with_arrivals());
    }
}

TEST_CASE("settings: the window of an open loop") {
    const auto load_of = [](const char* json) {
        scenario s;
        REQUIRE(
            workload::read_scenario(std::string{"{\"load\": "} + json + "}", "s", s).has_value());
        return s.load;
    };
    CHECK(load_of(R"({"rate": 1})").duration_in_effect() == 30s);
    const auto steps = load_of(R"({"rate_steps": "1:20s,2:40s"})");
    CHECK(steps.duration_in_effect() == 60s);
    CHECK(steps.warmup_in_effect() == 6s);
    CHECK(load_of(R"({"rate_steps": "1:20s,2:40s", "duration": "90s"})").duration_in_effect() ==
          90s);
    CHECK(load_of(R"({"trace": "t"})").ends_with_arrivals());
    CHECK(load_of(R"({"trace": "t"})").warmup_in_effect() == 0s);
    CHECK_FALSE(load_of(R"({"trace": "t", "duration": "1m"})").ends_with_arrivals());
}

TEST_CASE("settings: what makes no sense in an open loop is refused") {
    const auto refused = [](std::vector<std::pair<const char*, const char*>> flags) {
        sources all;
        for (const auto& [pointer, json] : flags) all.flag(pointer, json, pointer);
        return all.refused().message;
    };
    CHECK(refused({{"/load/ramp", "\"1..2\""}, {"/load/requests", "5"}}) ==
          "a rate that changes goes over a time, and not over a number of requests");
    CHECK(refused({{"/load/trace", "\"t\""}, {"/load/requests", "5"}}) ==
          "--trace and --requests exclude each other");
    CHECK(refused({{"/load/trace", "\"t\""}, {"/workload/prompt", "\"hi\""}}) ==
          "--trace and prompts exclude each other");
    CHECK(refused({{"/load/trace", "\"t\""}, {"/workload/turns", "3"}}) ==
          "--trace and conversations exclude each other");
    CHECK(refused({{"/load/trace", "\"t\""}, {"/target/api", "\"lmstudio,openai-chat\""}}) ==
          "--trace and several APIs exclude each other");
    CHECK(refused({{"/load/rate", "100000"}, {"/load/duration", "\"1h\""}}).find("arrivals are") !=
          std::string::npos);
    CHECK(refused({{"/load/rate", "0"}}).find("is not a list of rates") != std::string::npos);
}

TEST_CASE("settings: what only an open loop has is named in a closed one") {
    sources all;
    all.flag("/load/catch_up", "true", "--catch-up");
    all.flag("/load/trace_scale", "2", "--trace-scale");
    const auto notes = all.settings().notes;
    REQUIRE(notes.size() == 2);
    CHECK(notes[0] == "--trace-scale: /load/trace_scale has no meaning without a --trace.");
    CHECK(
        notes[1] ==
        "--catch-up: /load/catch_up has no meaning in a closed loop; --rate makes it an open one.");
}
