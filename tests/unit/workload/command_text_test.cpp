#include "workload/command_text.hpp"

#include "cli/options.hpp"
#include "workload/scenario_json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace lmstress;
using workload::command_text;
using workload::command_words;

namespace {

scenario scenario_of(const std::string& text) {
    scenario s;
    const auto read = workload::read_scenario(text, "test", s);
    REQUIRE_MESSAGE(read.has_value(), read.error().message);
    return s;
}

/// The scenario that these words make when they are read as a command line.
std::string effective_of(const std::vector<std::string>& words) {
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    const auto command = cli::parse_command_line(static_cast<int>(argv.size()), argv.data());
    const cli::run_options* of = std::get_if<cli::run_options>(&command);
    if (const auto* sweep = std::get_if<cli::sweep_options>(&command)) of = &sweep->of;
    if (const auto* capacity = std::get_if<cli::capacity_options>(&command)) of = &capacity->of;
    REQUIRE(of != nullptr);
    scenario s;
    REQUIRE(workload::assign(of->flags, s).has_value());
    REQUIRE(workload::assign(of->sets, s).has_value());
    return workload::to_json(s);
}

/// The words of a scenario make that very scenario.
void check_round_trip(const std::string& command, const std::string& text) {
    const std::string whole = workload::to_json(scenario_of(text));
    const auto words = command_words(command, whole, {});
    REQUIRE(words.has_value());
    CAPTURE(workload::command_text(command, whole, {}).value());
    CHECK(effective_of(*words) == whole);
}

}  // namespace

TEST_CASE("command text: what is by default needs no flag, and the rest is as one would type it") {
    CHECK(command_text("run", workload::to_json(scenario{}), {}).value() == "lmstress run");
    const std::string text = workload::to_json(
        scenario_of(R"({"target": {"url": "http://10.0.0.7:1234", "model": "it's \"q\""},
                        "load": {"concurrency": [1, 4, "2x"], "duration": "2m"},
                        "limits": {"slo": "ttft<2s,tpot<50ms", "thresholds": ["ttft_ms.p95 < 2"]}})"));
    CHECK(command_text("run", text, {{"gpu", "NVIDIA L4"}}).value() ==
          "lmstress run --url http://10.0.0.7:1234 --model 'it'\\''s \"q\"' --concurrency 1,4,2x "
          "--duration 2m --slo 'ttft<2s,tpot<50ms' --threshold 'ttft_ms.p95 < 2' "
          "--label 'gpu=NVIDIA L4'");
}

TEST_CASE("command text: read as a command line it makes the same scenario") {
    check_round_trip("run", R"({"target": {"api": "lmstudio,openai-chat", "allow_missing": true,
        "verify_tls": false, "quick_ack": false}, "server": {"parallel": 8, "unified_kv": false},
        "workload": {"synthetic": "lognormal:300,0.6", "calibrate": false, "max_tokens": 7,
        "seed": 18446744073709551615, "turns": 3, "history": "resent", "salt": "none"},
        "request": {"temperature": 0.7, "stop": ["a", "b c"], "extra": {"x": {"y": [1, null]}}},
        "load": {"concurrency": [1, 2], "requests": 50, "warmup": "1s", "think_time": "250ms"},
        "limits": {"max_error_rate": 0.01, "thresholds": ["ttft_ms.p95 < 2", "e2e_ms.p50 < 3"],
        "timeout_gap": "5s"}, "output": {"events": true, "server_state": true}})");
    check_round_trip("run", R"({"load": {"rate": [0.5, 2.25], "arrivals": "gamma:2",
        "max_in_flight": 40}})");
    check_round_trip("run", R"({"load": {"ramp": "1..10", "catch_up": true, "warmup": "0s"}})");
    check_round_trip("run", R"({"load": {"trace": "a.csv", "trace_scale": 0.5}})");
    check_round_trip("sweep", R"({"sweep": {"parallel": [1, 2, 4], "unified_kv": ["on", "off"],
        "context_length": [4096], "load_fields": {"flash_attention": ["true", "false"]},
        "runs": 3, "order": "palindromic", "models": ["a/b", "c"], "cold": true},
        "load": {"concurrency": ["1x", "2x"]}})");
    check_round_trip("sweep", R"({"sweep": {"list": ["parallel=8,unified_kv=on", "parallel=2"]}})");
    check_round_trip("capacity", R"({"capacity": {"of": "rate", "first": 0.5, "most": 32,
        "attainment": 0.9, "max_time": "5m"}, "limits": {"slo": "ttft<1s"}})");
}

TEST_CASE("command text: what is no scenario has no command") {
    CHECK_FALSE(command_text("run", R"({"load": {"concurrency": "many"}})", {}).has_value());
}

TEST_CASE("command: headers are named, and their values are not known") {
    const std::string whole = workload::to_json(
        scenario_of(R"({"target":{"headers":{"X-Secret":"very-secret","X-Team":"blue"}}})"));
    CHECK(whole.find("very-secret") == std::string::npos);
    CHECK(whole.find(R"("headers":{"X-Secret":"***","X-Team":"***"})") != std::string::npos);
    CHECK(command_text("run", whole, {}).value() ==
          "lmstress run --header 'X-Secret: ...' --header 'X-Team: ...'");
    check_round_trip("run", R"({"target":{"headers":{"X-Secret":"very-secret"}}})");
}
