// LM Studio's own SDK fetches models from the built-in server by their keys, and asks them what
// takes no chat: tokens, templates, texts to go on with, vectors.

#include "support/child_process.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace json = boost::json;

namespace {

const std::string known = "qwen/qwen3-4b";
const std::string other = "google/gemma-3-1b";
const std::string third = "openai/gpt-oss-20b";
const std::string embedding = "text-embedding-nomic-embed-text-v1.5";

/// What the client says, or nothing where there is none here; and the truth log in `truth`.
std::optional<json::object> talk(const std::vector<std::string>& more, std::string* truth) {
    const test::temporary_directory directory;
    const std::string log = directory.path() / "truth.jsonl";
    std::vector<std::string> arguments = {"--load-seconds", "0.1", "--step-base", "1ms",
                                          "--truth-log",    log};
    arguments.insert(arguments.end(), more.begin(), more.end());
    test::simulator sim{arguments};
    const std::string url = "ws" + sim.url().substr(sim.url().find(':'));
    test::child_process sdk{
        {NPM_CLIENTS, "run", "lmstudio-sdk-models", url, known, other, third, embedding}};
    const int code = sdk.wait(std::chrono::seconds{240});
    CAPTURE(sdk.output());
    if (code == 77) {
        MESSAGE("skipped: ", sdk.output());
        return std::nullopt;
    }
    REQUIRE(code == 0);
    sim.stop();
    if (truth != nullptr) *truth = test::content_of(log);
    return json::parse(sdk.output()).as_object();
}

}  // namespace

TEST_CASE("LM Studio's SDK: models by their keys, loaded where they are not, one at a time") {
    const auto found = talk({}, nullptr);
    if (!found) return;
    CHECK(found->at("there").as_string() == known.c_str());
    CHECK(found->at("any").as_string() == known.c_str());
    CHECK(found->at("progress") == json::parse("[0,0.25,0.5,0.75,1]"));
    CHECK(found->at("context").to_number<int>() == 3000);
    CHECK(found->at("ttl").to_number<int>() == 90'000);
    CHECK(found->at("with_other") == json::value({other, known}));
    CHECK(found->at("with_third") == json::value({third, known}));
    CHECK(found->at("refusal").as_string().find("Cannot find model") != json::string::npos);
    const auto all = talk({"--auto-evict", "off"}, nullptr);
    CHECK(all->at("with_third") == json::value({other, third, known}));
}

TEST_CASE("LM Studio's SDK: tokens, a template, a text that goes on, and vectors") {
    std::string truth;
    const auto found = talk({}, &truth);
    if (!found) return;
    const json::array& tokens = found->at("tokens").as_array();
    CHECK(tokens.size() == 9);  // 33 letters, four each
    CHECK(found->at("count").to_number<std::size_t>() == tokens.size());
    CHECK(found->at("none").to_number<int>() == 0);
    CHECK(found->at("of_two").at(0) == found->at("tokens"));
    CHECK(found->at("of_two").at(1) != found->at("tokens"));
    const std::string formatted = found->at("formatted").as_string().c_str();
    CHECK(formatted ==
          "<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nTell me of the "
          "sea.<|im_end|>\n<|im_start|>assistant\n");
    CHECK(found->at("bare").as_string() == formatted.substr(3).c_str());

    const json::object& completion = found->at("completion").as_object();
    std::string text;
    for (const json::value& f : completion.at("fragments").as_array()) text += f.as_string();
    CHECK(completion.at("content").as_string() == text.c_str());
    CHECK(truth.find("\"text\":\"" + text + "\"") != std::string::npos);
    const json::value& stats = completion.at("stats");
    CHECK(stats.at("predictedTokensCount").to_number<int>() == 5);
    // No template is laid around it.
    CHECK(stats.at("promptTokensCount").to_number<std::size_t>() == tokens.size());

    CHECK(found->at("vector").as_array().size() == 8);
    CHECK(found->at("vectors").at(0) == found->at("vector"));
    CHECK(found->at("vectors").at(1) != found->at("vector"));
    CHECK(found->at("embedding_context").to_number<int>() == 2048);
    CHECK(found->at("embedding_count") == found->at("count"));
    CHECK(found->at("embeddings_loaded") == json::value({embedding}));
    // The embedding model came last, and in the place of the one that came so before it.
    CHECK(found->at("llms_loaded") == json::value({known}));
    CHECK(found->at("embeddings_left").to_number<int>() == 0);
}
