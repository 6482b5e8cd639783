// The built-in server's routes that are neither LM Studio's own nor OpenAI's chat, without sockets.

#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using test::ask;
using test::make_server;
using test::post;

namespace {

const std::string message =
    R"({"model":"qwen/qwen3-4b","messages":[{"role":"user","content":"Hello there"}])";

}  // namespace

TEST_CASE("sim anthropic: a stream, from message_start to message_stop") {
    sim::server s = make_server();
    const auto r = ask(s, post("/v1/messages", message + R"(,"max_tokens":2,"stream":true})"));
    const std::string id = std::string(20, '0') + '7';
    CHECK(r.content() ==
          "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_" +
              id +
              "\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":"
              "\"qwen/qwen3-4b\",\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"
              "{\"input_tokens\":11,\"output_tokens\":0}}}\n\n"
              "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
              "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
              "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
              "\"delta\":{\"type\":\"text_delta\",\"text\":\"Here is\"}}\n\n"
              "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
              "\"delta\":{\"type\":\"text_delta\",\"text\":\" a\"}}\n\n"
              "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
              "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
              "\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":11,"
              "\"output_tokens\":2,\"cache_read_input_tokens\":0}}\n\n"
              "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

TEST_CASE("sim anthropic: an answer that is not streamed, and a system prompt that counts") {
    sim::server s = make_server();
    const auto body =
        ask(s, post("/v1/messages", message + R"(,"max_tokens":2,"system":"12345678"})")).body();
    CHECK(body.at("type").as_string() == "message");
    CHECK(body.at("content").at(0).at("text").as_string() == "Here is a");
    CHECK(body.at("stop_reason").as_string() == "max_tokens");
    CHECK(body.at("usage").at("input_tokens").to_number<int>() == 8 + 5);  // 19 characters
    CHECK(body.at("usage").at("output_tokens").to_number<int>() == 2);
}

TEST_CASE("sim anthropic: what it refuses, in Anthropic's shape") {
    sim::server s = make_server();
    const auto refused = [&](const std::string& body, int status) {
        const auto r = ask(s, post("/v1/messages", body), 1h);
        CHECK(r.status() == status);
        CHECK(r.body().at("type").as_string() == "error");
        return r.error("type") + ": " + r.error("message");
    };
    CHECK(refused("{", 400) == "invalid_request_error: Invalid JSON");
    CHECK(refused(message + "}", 400) == "invalid_request_error: max_tokens: Field required");
    CHECK(refused(message + R"(,"max_tokens":0})", 400) ==
          "invalid_request_error: max_tokens: Input should be greater than or equal to 1");
    ask(s, post("/api/v1/models/load", R"({"model":"google/gemma-3-1b"})"));
    CHECK(refused(R"({"model":"nope","max_tokens":1,"messages":[]})", 404) ==
          "not_found_error: model: nope");
}

TEST_CASE("sim anthropic: a token is taken from x-api-key as well") {
    sim::server s = make_server({.api_token = "t"});
    auto request = post("/v1/messages", message + R"(,"max_tokens":1})");
    const auto none = ask(s, request);
    CHECK(none.status() == 401);
    CHECK(none.error("type") == "authentication_error");
    request.api_key = "t";
    CHECK(ask(s, request, 1h).status() == 200);
    request.api_key = {};
    request.authorization = "Bearer t";
    CHECK(ask(s, request, 2h).status() == 200);
    auto openai = post("/v1/chat/completions", message + "}");
    openai.api_key = "t";
    CHECK(ask(s, openai, 3h).status() == 401);
}

TEST_CASE("sim anthropic: a prompt over the context brings one event, as LM Studio's does") {
    sim::server s = make_server({.engine = {.context_length = 8}});
    const auto r = ask(s, post("/v1/messages", message + R"(,"max_tokens":2,"stream":true})"));
    CHECK(r.status() == 200);
    CHECK(r.content().starts_with(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
        "\"The number of tokens to keep"));
    CHECK(r.content().find("\n\n") == r.content().size() - 2);
    const auto whole = ask(s, post("/v1/messages", message + R"(,"max_tokens":2})"), 1h);
    CHECK(whole.status() == 400);
    CHECK(whole.error("type") == "api_error");
}

TEST_CASE("sim ollama: lines, streamed where nothing is said, and times in nanoseconds") {
    sim::server s = make_server();
    const auto r = ask(s, post("/api/chat", message + R"(,"options":{"num_predict":2}})"));
    CHECK(r.text.find("Content-Type: application/x-ndjson\r\n") != std::string::npos);
    const std::string begin =
        R"({"model":"qwen/qwen3-4b","created_at":"2026-09-20T15:42:24Z","message":)"
        R"({"role":"assistant","content":")";
    // T(0, 11) = 12 ms + 11 * 0.25 ms, and T(1, 0) = 13 ms.
    CHECK(r.content() == begin + "Here is\"},\"done\":false}\n" + begin +
                             " a\"},\"done\":false}\n" + begin +
                             R"("},"done":true,"done_reason":"length","total_duration":27750000,)"
                             R"("load_duration":0,"prompt_eval_count":11,)"
                             R"("prompt_eval_duration":14750000,"eval_count":2,)"
                             R"("eval_duration":13000000})"
                             "\n");
}

TEST_CASE("sim ollama: an answer that is not streamed, with no limit or none that counts") {
    for (const char* options : {"", R"(,"options":{"num_predict":-1})", R"(,"options":7)"}) {
        sim::server s = make_server({.answer_tokens = 3});
        const auto body =
            ask(s, post("/api/chat", message + R"(,"stream":false)" + options + "}")).body();
        CHECK(body.at("message").at("content").as_string() == "Here is a server");
        CHECK(body.at("done_reason").as_string() == "stop");
        CHECK(body.at("eval_count").to_number<int>() == 3);
    }
}

TEST_CASE("sim ollama: what fails before the first line has a status of its own") {
    sim::server s = make_server({.engine = {.context_length = 8}});
    const auto unknown = ask(s, post("/api/chat", R"({"model":"nope","messages":[]})"));
    CHECK(unknown.status() == 404);
    CHECK(unknown.body().at("error").as_string() == "model 'nope' not found");
    CHECK(ask(s, post("/api/chat", "{")).status() == 400);
    const auto too_long = ask(s, post("/api/chat", message + "}"), 1h);
    CHECK(too_long.status() == 500);
    CHECK(too_long.body().at("error").as_string().starts_with("The number of tokens to keep"));
}

TEST_CASE("sim embeddings: a vector each input, the same every time, and no counts") {
    sim::server s = make_server();
    const auto embed = [&](const std::string& input) {
        return ask(s, post("/v1/embeddings",
                           R"({"model":"text-embedding-nomic-embed-text-v1.5","input":)" + input +
                               "}"))
            .body();
    };
    const auto one = embed(R"("Hello")");
    CHECK(one.at("object").as_string() == "list");
    CHECK(one.at("model").as_string() == "text-embedding-nomic-embed-text-v1.5");
    CHECK(one.at("data").as_array().size() == 1);
    CHECK(one.at("data").at(0).at("embedding").as_array().size() == 8);
    CHECK(one.at("usage").at("prompt_tokens").to_number<int>() == 0);
    const auto two = embed(R"(["Hello","you"])");
    REQUIRE(two.at("data").as_array().size() == 2);
    CHECK(two.at("data").at(0) == one.at("data").at(0));
    CHECK(two.at("data").at(1).at("index").to_number<int>() == 1);
    CHECK(two.at("data").at(1).at("embedding") != two.at("data").at(0).at("embedding"));
    // The text decides, and not its place.
    const auto you = embed(R"(["you","Hello"])");
    CHECK(you.at("data").at(0).at("embedding") == two.at("data").at(1).at("embedding"));
    CHECK(you.at("data").at(1).at("embedding") == two.at("data").at(0).at("embedding"));
    // A list of numbers is one text, in tokens.
    CHECK(embed("[1,2,3]").at("data").as_array().size() == 1);
    CHECK(embed("[[1,2],[3]]").at("data").as_array().size() == 2);
}

TEST_CASE("sim embeddings: what it refuses") {
    sim::server s = make_server({.cold = true});
    CHECK(ask(s, post("/v1/embeddings", R"({"model":"x"})")).status() == 400);
    const auto unknown = ask(s, post("/v1/embeddings", R"({"model":"x","input":"y"})"));
    CHECK(unknown.status() == 400);
    CHECK(unknown.error("code") == "model_not_found");
}

TEST_CASE("sim embeddings: an embedding model in memory leaves an unknown name to the only LLM") {
    sim::server s = make_server();
    ask(s,
        post("/v1/embeddings", R"({"model":"text-embedding-nomic-embed-text-v1.5","input":"y"})"));
    const auto r = ask(
        s, post("/v1/chat/completions", R"({"model":"nope","messages":[],"max_tokens":1})"), 1h);
    CHECK(r.status() == 200);
    CHECK(r.body().at("model").as_string() == "qwen/qwen3-4b");
}
