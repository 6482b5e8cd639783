// What the built-in LM Studio answers on OpenAI's routes, and on the older one that resembles them.

#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using lmstress::sim::server;
using test::ask;
using test::make_server;
using test::post;

TEST_CASE("sim server: a completion is a text that goes on, without a template") {
    server s = make_server();
    const std::string begin = R"({"model":"qwen/qwen3-4b","prompt":"Hello there","max_tokens":3)";
    const auto whole = ask(s, post("/v1/completions", begin + "}")).body();
    CHECK(whole.at("object").as_string() == "text_completion");
    CHECK(whole.at("choices").at(0).at("text").as_string() == "Here is a server");
    CHECK(whole.at("choices").at(0).at("finish_reason").as_string() == "length");
    CHECK(whole.at("usage").at("prompt_tokens").to_number<int>() == 3);  // 11 characters
    const auto streamed = ask(s, post("/v1/completions", begin + R"(,"stream":true})"), 1h).text;
    CHECK(streamed.find(R"("choices":[{"index":0,"text":" a","logprobs":null,)"
                        R"("finish_reason":null}]})") != std::string::npos);
    CHECK(streamed.find(R"("text":"","logprobs":null,"finish_reason":"length")") !=
          std::string::npos);
    CHECK(streamed.find("\"usage\"") == std::string::npos);  // nobody asked for it
    CHECK(streamed.ends_with("data: [DONE]\n\n"));
    const auto refused = ask(s, post("/v1/completions", R"({"messages":[]})"), 2h);
    CHECK(refused.status() == 400);
    CHECK(refused.body().at("error").as_string() == "'prompt' field is required");
}

TEST_CASE("sim server: a response, whole and streamed") {
    server s = make_server({.answer_tokens = 2});
    const std::string begin =
        R"({"model":"qwen/qwen3-4b","input":"Hello there","instructions":"Be brief.")";
    const auto whole = ask(s, post("/v1/responses", begin + "}")).body();
    CHECK(whole.at("status").as_string() == "completed");
    CHECK(whole.at("incomplete_details").is_null());
    CHECK(whole.at("output").at(0).at("content").at(0).at("text").as_string() == "Here is a");
    CHECK(whole.at("usage").at("input_tokens").to_number<int>() == 8 + 5);  // 20 characters
    CHECK(whole.at("usage").at("output_tokens").to_number<int>() == 2);
    CHECK(whole.at("store").as_bool());

    const auto streamed =
        ask(s, post("/v1/responses", begin + R"(,"max_output_tokens":1,"stream":true})"), 1h).text;
    std::size_t at = 0;
    for (const char* event :
         {"response.created", "response.in_progress", "response.output_item.added",
          "response.content_part.added", "response.output_text.delta", "response.output_text.done",
          "response.content_part.done", "response.output_item.done", "response.incomplete"}) {
        CAPTURE(std::string{event});
        at = streamed.find("event: " + std::string{event} + "\ndata: {\"type\":\"" + event, at);
        REQUIRE(at != std::string::npos);
    }
    CHECK(streamed.find(R"("incomplete_details":{"reason":"max_output_tokens"})", at) !=
          std::string::npos);
    CHECK(streamed.find(R"("sequence_number":8)", at) != std::string::npos);

    const auto refused = ask(s, post("/v1/responses", R"({"messages":[]})"), 2h);
    CHECK(refused.body().at("error").as_string() == "'input' field is required");
    ask(s, post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})"), 2h);
    const auto unknown = ask(s, post("/v1/responses", R"({"model":"nope","input":""})"), 3h);
    CHECK(unknown.status() == 400);
    CHECK(unknown.error("type") == "invalid_request_error");
    CHECK(unknown.error("code") == "model_not_found");
    server small = make_server({.engine = {.context_length = 4}});
    CHECK(ask(small, post("/v1/responses", begin + "}")).status() == 500);
}

TEST_CASE("sim server: v0 answers as OpenAI's chat does, with the engine's figures") {
    server s = make_server();
    const std::string begin = R"({"model":"qwen/qwen3-4b","messages":[{"content":"Hello there"}],)"
                              R"("max_tokens":3)";
    const auto whole = ask(s, post("/api/v0/chat/completions", begin + "}")).body();
    CHECK(whole.at("choices").at(0).at("message").at("content").as_string() == "Here is a server");
    const auto& stats = whole.at("stats");
    // T(0, 11) = 12 ms + 11 * 0.25 ms, and twice T(1, 0) = 13 ms
    CHECK(stats.at("time_to_first_token").to_number<double>() == doctest::Approx(0.01475));
    CHECK(stats.at("generation_time").to_number<double>() == doctest::Approx(0.026));
    CHECK(stats.at("tokens_per_second").to_number<double>() == doctest::Approx(3 / 0.026));
    CHECK(stats.at("stop_reason").as_string() == "maxPredictedTokensReached");
    CHECK(whole.at("model_info").at("format").as_string() == "gguf");
    CHECK(whole.at("runtime").at("name").as_string() == "lmstress-sim");
    const auto streamed =
        ask(s, post("/api/v0/chat/completions", begin + R"(,"stream":true})"), 1h).text;
    CHECK(streamed.find(R"("finish_reason":"length"}],"stats":{"tokens_per_second":)") !=
          std::string::npos);
    CHECK(streamed.ends_with("data: [DONE]\n\n"));
    const auto chat = ask(s, post("/v1/chat/completions", begin + "}"), 2h).body();
    CHECK(chat.at("stats").as_object().empty());
}

TEST_CASE("openai routes: the list is of models in memory where none is loaded for a request") {
    auto s = make_server({.jit = false});
    auto request = post("/v1/models", "");
    request.method = "GET";
    const auto list = ask(s, request).body().at("data").as_array();
    REQUIRE(list.size() == 1);
    CHECK(list[0].at("id").as_string() == "qwen/qwen3-4b");
}
