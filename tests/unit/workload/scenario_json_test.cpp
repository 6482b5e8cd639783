#include "lmstress/scenario.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

TEST_CASE("scenario_json: the defaults, spelled out") {
    CHECK(
        to_json({}) ==
        R"({"target":{"url":"http://127.0.0.1:1234","api":"auto","model":"","verify_tls":true,"ca_file":"","quick_ack":true},"server":{"parallel":null,"unified_kv":null},)"
        R"("workload":{"prompt":"","prompts_file":"","synthetic":null,"system_prompt":"",)"
        R"("max_tokens":128,"temperature":null,"seed":1,"salt":"run"},)"
        R"("deadlines":{"connect_seconds":5,"headers_seconds":600,"first_token_seconds":600,)"
        R"("gap_seconds":120,"tool_gap_seconds":600,"whole_seconds":0},)"
        R"("load":{"concurrency":[1],"requests":null,"duration_seconds":30,)"
        R"("warmup_seconds":3,"grace_seconds":30,"think_time_seconds":0},)"
        R"("limits":{"max_error_rate":0.05},"output":{"events":false}})");
}

TEST_CASE("scenario_json: no secret is in it") {
    scenario s;
    s.target.api_token = "sk-lm-SECRET:42";
    CHECK(to_json(s) == to_json({}));
    CHECK(to_json(s).find("SECRET") == std::string::npos);
}

TEST_CASE("scenario_json: it is JSON, whatever a prompt holds") {
    scenario s;
    s.workload.prompt = "say \"hi\"\n\x01\xFF";
    s.workload.synthetic = token_lengths{token_lengths::law::lognormal, 512, 0.6};
    s.workload.temperature = 0.7;
    s.workload.salt = salt_mode::none;
    s.load.concurrency = {1, 4, 16};
    const auto v = boost::json::parse(to_json(s));
    CHECK(v.at("workload").at("prompt").as_string() == "say \"hi\"\n\x01\xEF\xBF\xBD");
    CHECK(v.at("workload").at("synthetic") ==
          boost::json::parse(R"({"law":"lognormal","a":512,"b":0.6})"));
    CHECK(v.at("workload").at("salt").as_string() == "none");
    CHECK(v.at("load").at("concurrency") == boost::json::parse("[1,4,16]"));
}

TEST_CASE("scenario_json: a number of requests takes the place of the duration") {
    scenario s;
    s.load.requests = 500;
    const auto v = boost::json::parse(to_json(s));
    CHECK(v.at("load").at("requests").as_int64() == 500);
    CHECK(v.at("load").at("duration_seconds").is_null());
    CHECK(v.at("load").at("warmup_seconds").as_int64() == 0);
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
