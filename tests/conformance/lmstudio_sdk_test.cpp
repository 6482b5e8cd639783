// LM Studio's own SDK against the built-in server: what takes us for an LM Studio.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

namespace json = boost::json;

namespace {

/// What the simulator says that it sent on the first predict channel.
std::vector<std::string> events_of_first_prediction(const std::string& truth) {
    std::vector<std::string> types;
    std::string first;
    std::istringstream lines{truth};
    for (std::string line; std::getline(lines, line);) {
        const json::value v = json::parse(line);
        const std::string id{v.at("request_id").as_string()};
        if (!id.ends_with("@sdk")) continue;
        if (first.empty()) first = id;
        const std::string type{v.at("type").as_string()};
        if (id == first && type != "request") types.push_back(type);
    }
    return types;
}

/// What the client assembled is what was sent.
void check_prediction(const json::value& found, const std::vector<std::string>& sent) {
    const json::value& p = found.at("prediction");
    const auto count = [&](const char* type) { return std::count(sent.begin(), sent.end(), type); };
    const json::array& fragments = p.at("fragments").as_array();
    CHECK(fragments.size() == 9);
    CHECK(count("fragment") == 9);
    std::string text;
    for (const json::value& f : fragments) {
        text += f.at(0).as_string();
        CHECK(f.at(1).to_number<int>() == 1);
    }
    CHECK(p.at("content").as_string() == text.c_str());
    CHECK(p.at("content").as_string() == "Here is a server that streams its words one by");
    CHECK(count("promptProcessingProgress") ==
          static_cast<std::int64_t>(p.at("prefill").as_array().size()));
    CHECK(p.at("prefill").as_array().back().to_number<double>() == 1);
    CHECK(p.at("model").as_string() == "mine");
    const json::value& stats = p.at("stats");
    CHECK(stats.at("stopReason").as_string() == "maxPredictedTokensReached");
    CHECK(stats.at("predictedTokensCount").to_number<int>() == 9);
    const auto prompt = stats.at("promptTokensCount").to_number<int>();
    CHECK(prompt > 8);
    CHECK(stats.at("totalTokensCount").to_number<int>() == prompt + 9);
    CHECK(stats.at("timeToFirstTokenSec").to_number<double>() > 0);
    CHECK(found.at("cancelled").at("stopReason").as_string() == "userStopped");
    const auto said = found.at("cancelled").at("predictedTokensCount").to_number<int>();
    CHECK(said >= 3);
    CHECK(said < 1000);
}

}  // namespace

TEST_CASE("LM Studio's SDK: loads with both settings, reads them back, predicts and cancels") {
    const std::string token = "sk-lm-abcd1234:0123456789abcdefghij";
    const std::string model = "qwen/qwen3-4b";
    const test::temporary_directory directory;
    const std::string truth = directory.path() / "truth.jsonl";
    test::simulator sim{{"--load-seconds", "0.2", "--api-token", token, "--truth-log", truth}};
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
    // It checks an answer against its own schema, so that this one has all that a real one has.
    const json::value& engine = found.at("hardware").at("engines").at(0);
    CHECK(engine.at("hardwareSurvey").at("gpuSurveyResult").at("gpuInfo").at(0).at("name") ==
          "lmstress GPU");
    CHECK(engine.at("memoryInfo").at("ramCapacity").to_number<std::uint64_t>() == 64ULL << 30U);
    const std::string refusal = found.at("refusal").as_string().c_str();
    CHECK(refusal.find("Cannot find model") != std::string::npos);
    CHECK(refusal.find("no/such") != std::string::npos);
    CHECK(found.at("downloaded").at(0).as_string() == model.c_str());
    check_prediction(found, events_of_first_prediction(test::content_of(truth)));
}
