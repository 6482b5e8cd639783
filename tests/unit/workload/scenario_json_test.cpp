#include "workload/scenario_json.hpp"

#include "workload/scenario_fields.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using workload::assignment;
using workload::read_scenario;
using workload::to_json;

namespace {

scenario read(std::string_view text) {
    scenario s;
    const auto done = read_scenario(text, "my.jsonc", s);
    CAPTURE(text);
    if (done.has_error()) FAIL_CHECK(done.error().message);
    return s;
}

error refused(std::string_view text) {
    scenario s;
    const auto done = read_scenario(text, "my.jsonc", s);
    CAPTURE(text);
    REQUIRE(done.has_error());
    CHECK(done.error().code == errc::bad_file);
    return done.error();
}

error refused(const std::vector<assignment>& all) {
    scenario s;
    const auto done = workload::assign(all, s);
    REQUIRE(done.has_error());
    CHECK(done.error().code == errc::usage);
    return done.error();
}

}  // namespace

TEST_CASE("scenario_json: every section is read, comments and trailing commas included") {
    const scenario s = read(R"(// a scenario
    {
        "$schema": "scenario.schema.json",
        "target": {"url": "http://h:1", "api": "lmstudio", "model": "m", "verify_tls": false,
                   "headers": {"X-Team": "blue"}},   /* who */
        "server": {"parallel": 8, "unified_kv": true},
        "workload": {"synthetic": "lognormal:512,0.6", "max_tokens": 64, "salt": "seed", "seed": 18446744073709551615},
        "request": {"temperature": 0.7, "top_k": 40, "extra": {"x": [1, 2.5], "y": null}},
        "load": {"concurrency": [1, "2x", "16"], "duration": "1.5s", "warmup": "250ms"},
        "limits": {"max_error_rate": 0.1, "max_failures": 3, "timeout_gap": "2m"},
        "output": {"events": true, "labels": {"machine": "m4"}},
    }
    // the end
    )");
    CHECK(s.target.url == "http://h:1");
    CHECK(s.target.headers.at(0).second == "blue");
    CHECK_FALSE(s.target.verify_tls);
    CHECK(s.server.parallel == 8);
    CHECK(s.server.unified_kv == true);
    CHECK(s.workload.synthetic->b == 0.6);
    CHECK(s.workload.seed == 18446744073709551615U);
    CHECK(s.workload.salt == salt_mode::seed);
    REQUIRE(s.request.fields.size() == 2);
    CHECK(s.request.fields[0] == std::pair<std::string, std::string>{"temperature", "0.7"});
    CHECK(s.request.extra == R"({"x":[1,2.5],"y":null})");
    CHECK(s.load.concurrency == std::vector<stream_count>{1, stream_count::of_slots(2), 16});
    CHECK(s.load.duration == 1500ms);
    CHECK(s.load.warmup == 250ms);
    CHECK(s.limits.max_failures == 3);
    CHECK(s.deadlines.gap == 2min);
    CHECK(s.output.events);
    CHECK(s.output.labels.at(0) == std::pair<std::string, std::string>{"machine", "m4"});
}

TEST_CASE("scenario_json: what is written reads back as the same") {
    scenario s = read(R"({"target": {"url": "https://h", "quick_ack": false, "model": "a\"b"},
        "server": {"parallel": 2, "unified_kv": "off"},
        "workload": {"prompt": "say \"hi\"\n", "salt": "none"},
        "request": {"temperature": 0.1, "stop": ["a", "b"], "extra": {"n": {"deep": 0.3}}},
        "load": {"concurrency": "0.5x,1x", "requests": 500, "think_time": "3s"},
        "limits": {"timeout_request": "90s"}})");
    scenario again;
    REQUIRE(read_scenario(to_json(s), "own", again).has_value());
    CHECK(to_json(again) == to_json(s));
    CHECK(again.load.requests == 500);
    CHECK(again.request.extra == R"({"n":{"deep":0.3}})");
    CHECK(to_json(read(to_json({}))) == to_json({}));
}

TEST_CASE("scenario_json: the defaults, spelled out") {
    CHECK(
        to_json({}) ==
        R"({"target":{"url":"http://127.0.0.1:1234","api":"auto","allow_missing":false,"verify_tls":true,"quick_ack":true,"kernel_times":true},)"
        R"("server":{},"workload":{"calibrate":true,"max_tokens":128,"seed":1,"turns":1,"history":"auto","inputs":1,"salt":"run"},"request":{},)"
        R"("load":{"concurrency":[1],"duration":"30s","warmup":"3s","grace":"30s","think_time":"0s","response_cache":false},)"
        R"("limits":{"max_error_rate":0.05,"max_read_lag":"1ms","max_event_loop_lag":"5ms",)"
        R"("max_send_lag":"10ms","max_client_cpu":85,"timeout_connect":"5s","timeout_headers":"10m",)"
        R"("timeout_first_token":"10m","timeout_gap":"2m","timeout_tool_gap":"10m",)"
        R"("timeout_request":"0s","timeout_server":"2m"},"output":{"server_state":false,"events":false}})");
}

TEST_CASE("scenario_json: no secret is in it, nor what belongs to one run") {
    scenario s;
    s.target.api_token = "sk-lm-SECRET:42";
    s.target.headers = {{"Authorization", "SECRET"}};
    s.output.directory = "results/a";
    s.output.labels = {{"k", "v"}};
    const std::string text = to_json(s);
    CHECK(text.find("SECRET") == std::string::npos);
    CHECK(text.find(R"("headers":{"Authorization":"***"})") != std::string::npos);
    s.target.headers.clear();
    CHECK(to_json(s) == to_json({}));
}

TEST_CASE(
    "scenario_json: secrets are the token, headers, and those of the body and of integrations") {
    scenario s;
    s.target.api_token = "TOKEN-1";
    s.target.headers = {{"X-Key", "HEADER-2"}};
    s.request.extra = R"({"tools": [{"authorization": "EXTRA-3"}]})";
    s.workload.integrations = {
        R"({"headers": {"Authorization": "Bearer MCP-04"}, "url": "http://h"})"};
    CHECK(workload::secrets_of(s).hidden_in("TOKEN-1 HEADER-2 EXTRA-3 MCP-04 http://h") ==
          "*** *** *** *** http://h");
}

TEST_CASE(
    "scenario_json: a wrong field is named with its pointer, the reason and the nearest name") {
    error e = refused(R"({"load": {"concurency": 3}})");
    CHECK(e.message == "my.jsonc: /load/concurency is no field of a scenario");
    CHECK(e.advice == "Did you mean /load/concurrency?");
    e = refused(R"({"laod": {}})");
    CHECK(e.advice == "Did you mean /load?");
    e = refused(R"({"request": {"temprature": 1}})");
    CHECK(e.advice == "Did you mean /request/temperature?");
    e = refused(R"({"workload": {"something else": 1}})");
    CHECK(e.advice == "docs/scenarios.md lists them.");
    e = refused(R"({"load": {"duration": 30}})");
    CHECK(e.message == "my.jsonc: /load/duration: 30 is not a duration like 250ms, 30s or 5m");
    e = refused(R"({"load": {"duration": "30"}})");
    CHECK(e.message == R"(my.jsonc: /load/duration: "30" is not a duration like 250ms, 30s or 5m)");
    e = refused(R"({"load": 5})");
    CHECK(e.message == "my.jsonc: /load: 5 is not an object");
    e = refused(R"({"server": {"parallel": 0}})");
    CHECK(e.message == "my.jsonc: /server/parallel: 0 is not a whole number from 1 to 1023");
    e = refused(R"({"target": {"api": "openai"}})");
    CHECK(e.message == R"(my.jsonc: /target/api: "openai" is not auto, lmstudio, openai-chat, )"
                       "openai-completions, openai-responses, lmstudio-v0, "
                       "lmstudio-v0-completions, lmstudio-v0-embeddings, anthropic-messages, "
                       "ollama, openai-embeddings or lmstudio-sdk, or several of them");
    e = refused(R"({"request": {"temperature": "hot"}})");
    CHECK(e.message == R"(my.jsonc: /request/temperature: "hot" is not a number from 0 to 1, )"
                       "nor a number from 0 to 2");
    e = refused(R"({"a/b~c": 1})");
    CHECK(e.message == "my.jsonc: /a~1b~0c is no field of a scenario");
}

TEST_CASE("scenario_json: what the load itself sets is not set in the request") {
    const error e = refused(R"({"request": {"model": "m"}})");
    CHECK(e.message == "my.jsonc: /request/model is set by /target/model");
}

TEST_CASE("scenario_json: what is no JSON is refused with its place") {
    CHECK(refused("{\n  \"load\": {,}\n}")
              .message.starts_with("my.jsonc line 2 column 12 is no JSON"));
    CHECK(refused("").message.starts_with("my.jsonc line 1 column 1 is no JSON"));
    CHECK(refused("{} x").message.starts_with("my.jsonc line 1 column 4 is no JSON"));
    CHECK(refused("[1]").message == "my.jsonc is no scenario: it holds no JSON object");
    CHECK(refused("{\"load\": {\"duration\": \"3").message.find("is no JSON") != std::string::npos);
}

TEST_CASE("scenario_json: fields that exclude each other are refused, and flags take the place") {
    CHECK(refused(R"({"load": {"requests": 5, "duration": "3s"}})").message ==
          "my.jsonc: /load/duration and /load/requests exclude each other");
    CHECK(refused(R"({"workload": {"prompt": "a", "prompts": "f"}})").message ==
          "my.jsonc: /workload/prompts and /workload/prompt exclude each other");
    CHECK(refused(std::vector<assignment>{{"/load/requests", "5", "--requests"},
                                          {"/load/duration", "\"3s\"", "--duration"}})
              .message == "--duration and --requests exclude each other");
    scenario s = read(R"({"load": {"requests": 5}, "workload": {"prompt": "a"}})");
    const std::vector<assignment> flags = {{"/load/duration", "\"3s\"", "--duration"},
                                           {"/workload/synthetic", "\"fixed:9\"", "--synthetic"}};
    REQUIRE(workload::assign(flags, s).has_value());
    CHECK_FALSE(s.load.requests);
    CHECK(s.load.duration == 3s);
    CHECK(s.workload.prompt.empty());
    CHECK(s.workload.synthetic->a == 9);
}

TEST_CASE(
    "scenario_json: an assignment reaches fields, sections, labels, and words need no quotes") {
    scenario s;
    const std::vector<assignment> all = {
        {"/load", R"({"concurrency": [2], "duration": "9s"})", "--set /load"},
        {"/output/labels/machine", "\"m4\"", "--set /output/labels/machine"},
        {"/output/labels", R"({"os":"linux"})", "--label"},
        {"/target/model", "qwen/qwen3-4b", "--set /target/model"},
        {"/request/extra", R"({"a":1,"b":2})", "--extra"},
        {"/request/extra/b", "null", "--set /request/extra/b"},
        {"/request/temperature", "0", "--temperature"},
    };
    REQUIRE(workload::assign(all, s).has_value());
    CHECK(s.load.concurrency == std::vector<stream_count>{2});
    CHECK(s.output.labels.size() == 2);
    CHECK(s.target.model == "qwen/qwen3-4b");
    CHECK(s.request.extra == R"({"a":1,"b":null})");
    CHECK(refused(std::vector<assignment>{{"/load/grace", "x", "--grace"}}).message ==
          R"(--grace: "x" is not a duration like 250ms, 30s or 5m)");
    CHECK(refused(std::vector<assignment>{{"/load/grce", "1s", "--set /load/grce"}}).message ==
          "/load/grce is no field of a scenario (--set /load/grce)");
}

TEST_CASE("scenario_json: what is merged into the body is reached at any depth") {
    scenario s;
    const std::vector<assignment> all = {
        {"/request/extra/chat_template_kwargs/enable_thinking", "false", "--set"},
        {"/request/extra", R"({"chat_template_kwargs":{"more":null},"x~y":1})", "--extra"},
        {"/request/extra/a~1b/c~0d", "2", "--set"},
    };
    REQUIRE(workload::assign(all, s).has_value());
    CHECK(
        s.request.extra ==
        R"({"chat_template_kwargs":{"enable_thinking":false,"more":null},"x~y":1,"a/b":{"c~d":2}})");
    CHECK(
        refused(std::vector<assignment>{{"/request/extra", R"({"a":1e400})", "--extra"}}).message ==
        "--extra holds a number that is too large");
    CHECK(refused(std::vector<assignment>{{"/request/extra", "{bad", "--extra"}}).message ==
          "--extra is not a JSON object");
}

TEST_CASE("scenario_json: secrets under telling names are not stored") {
    const scenario s = read(R"({"request": {
        "integrations": [{"type": "ephemeral_mcp", "headers": {"Authorization": "Bearer SECRET1"}}],
        "extra": {"api_key": "SECRET2", "keep": "this"}}})");
    const std::string json = to_json(s);
    CHECK(json.find("SECRET") == std::string::npos);
    CHECK(json.find(R"("keep":"this")") != std::string::npos);
    CHECK(workload::secrets_of(s).hidden_in("SECRET1, SECRET2") == "***, ***");
}

TEST_CASE("scenario_json: a byte order mark is passed over") {
    CHECK(read("\xEF\xBB\xBF{\"load\":{\"requests\":3}}").load.requests == 3);
}

TEST_CASE("scenario_json: a value that may be a secret is not repeated in an error") {
    CHECK(refused(R"({"target": {"headers": {"Authorization": ["sk-lm-SECRET"]}}})").message ==
          "my.jsonc: /target/headers is not an object of texts");
}

TEST_CASE("scenario_json: a number of requests takes the place of the duration") {
    scenario s;
    s.load.requests = 500;
    const std::string json = to_json(s);
    CHECK(json.find(R"("requests":500)") != std::string::npos);
    CHECK(json.find(R"("duration")") == std::string::npos);
    CHECK(json.find(R"("warmup":"0s")") != std::string::npos);
}

TEST_CASE("scenario_json: a level warms up for a tenth of its duration, at most ten seconds") {
    load_settings load;
    load.duration = 20s;
    CHECK(load.warmup_in_effect() == 2s);
    load.duration = 10min;
    CHECK(load.warmup_in_effect() == 10s);
    load.warmup = 1s;
    CHECK(load.warmup_in_effect() == 1s);
    load.requests = 5;
    CHECK(load.warmup_in_effect() == 1s);
    load.warmup = {};
    CHECK(load.warmup_in_effect() == 0s);
}

TEST_CASE("scenario_json: an integration that came as a text, as flags do, is no plugin's name") {
    for (const std::string form : {"{0}", "[{0}]", " {0}"}) {
        std::string text = form;
        text.replace(
            text.find("{0}"), 3,
            R"({\"type\":\"ephemeral_mcp\",\"server_label\":\"a\",)"
            R"(\"server_url\":\"http://h\",\"headers\":{\"Authorization\":\"SECRETSECRET\"}})");
        scenario s;
        const auto read = workload::read_scenario(
            R"({"workload":{"integrations":")" + text + R"("}})", "s.json", s);
        REQUIRE(read.has_value());
        REQUIRE(s.workload.integrations.size() == 1);
        CHECK(s.workload.integrations[0].starts_with('{'));
        CHECK(to_json(s).find("SECRETSECRET") == std::string::npos);
        CHECK(to_json(s).find("ephemeral_mcp") != std::string::npos);
    }
    scenario s;
    CHECK_FALSE(workload::read_scenario(R"({"workload":{"integrations":"{\"bad"}})", "s.json", s)
                    .has_value());
}
