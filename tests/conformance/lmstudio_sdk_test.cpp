// LM Studio's own SDK against the built-in server: what takes us for an LM Studio.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace json = boost::json;

TEST_CASE("LM Studio's SDK: loads with both settings, reads them back, and is told why not") {
    const std::string token = "sk-lm-abcd1234:0123456789abcdefghij";
    const std::string model = "qwen/qwen3-4b";
    test::simulator sim{{"--load-seconds", "0.2", "--api-token", token}};
    const std::string url = "ws" + sim.url().substr(sim.url().find(':'));
    test::child_process sdk{{NPM_CLIENTS, "run", "lmstudio-sdk", url, token, model}};
    const int code = sdk.wait(std::chrono::seconds{240});
    CAPTURE(sdk.output());
    if (code == 77) {
        MESSAGE("skipped: ", sdk.output());
        return;
    }
    REQUIRE(code == 0);
    const json::value found = json::parse(sdk.output());
    CHECK(found.at("before") == json::parse(R"(["qwen/qwen3-4b"])"));
    CHECK(found.at("unloaded") == json::parse("[]"));
    CHECK(found.at("after") == json::parse(R"(["mine"])"));
    CHECK(found.at("progress") == json::parse("[0,0.25,0.5,0.75,1]"));
    CHECK(found.at("config").at("contextLength").to_number<int>() == 5000);
    CHECK(found.at("config").at("maxParallelPredictions").to_number<int>() == 7);
    CHECK(found.at("config").at("useUnifiedKvCache").as_bool() == false);
    CHECK(found.at("state") == json::parse(R"({"status":"idle","queued":0})"));
    CHECK(found.at("version").at("version").is_string());
    const std::string refusal = found.at("refusal").as_string().c_str();
    CHECK(refusal.find("Cannot find model") != std::string::npos);
    CHECK(refusal.find("no/such") != std::string::npos);
}
