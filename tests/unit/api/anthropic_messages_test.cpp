#include "api/api.hpp"
#include "support/answers.hpp"
#include "support/collecting_sink.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lines = std::vector<std::string>;
using test::body;
using test::http_answer;

namespace {

lines read(std::string_view stream, body b = body::goes_on) {
    return test::decode("anthropic-messages", stream, b);
}

std::string named(const std::string& type, const std::string& fields = "") {
    return "event: " + type + "\ndata: {\"type\":\"" + type + '"' + fields + "}\n\n";
}

std::string start(const std::string& usage) {
    return named("message_start",
                 R"(,"message":{"id":"msg_1","type":"message","role":"assistant","content":[],)"
                 R"("model":"qwen/qwen3.5-9b","stop_reason":null,"stop_sequence":null,"usage":{)" +
                     usage + "}}");
}

std::string delta(const std::string& fields) {
    return named("content_block_delta", R"(,"index":0,"delta":{)" + fields + '}');
}

std::string text(const std::string& words) {
    return delta(R"("type":"text_delta","text":")" + words + '"');
}

std::string last(const std::string& usage, const std::string& reason = "end_turn") {
    return named("message_delta", R"(,"delta":{"stop_reason":")" + reason +
                                      R"(","stop_sequence":null},"usage":{)" + usage + '}');
}

/// In the shape of LM Studio's: all counts are said again at the end.
const std::string lm_studio =
    start(R"("input_tokens":35,"output_tokens":0)") +
    named("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
    text("Hi") + text(" \\u00e9") + named("content_block_stop", R"(,"index":0)") +
    last(R"("input_tokens":35,"output_tokens":2,"cache_read_input_tokens":0)") +
    named("message_stop");

const lines lm_studio_events = {"opened by 'qwen/qwen3.5-9b'",
                                "usage input=35",
                                "text answer 'Hi'",
                                "text answer ' \xc3\xa9'",
                                "usage input=35 cached=0 output=2",
                                "finish end_turn",
                                "end"};

std::string error_of(const std::string& type, const std::string& message) {
    return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message + R"("}})";
}

}  // namespace

TEST_CASE("anthropic_messages: a stream as LM Studio sends it, cut anywhere") {
    CHECK(read(lm_studio) == lm_studio_events);
    CHECK(test::read_every_split("anthropic-messages", http_answer(200, "text/event-stream",
                                                                   lm_studio)) == lm_studio_events);
}

TEST_CASE("anthropic_messages: the input is what was read anew, from the cache and into it") {
    const lines events = read(start(R"("input_tokens":10,"cache_read_input_tokens":200,)"
                                    R"("cache_creation_input_tokens":30,"output_tokens":1)") +
                              last(R"("output_tokens":5)"));
    CHECK(events ==
          lines{"opened by 'qwen/qwen3.5-9b'", "usage input=240 cached=200 cache_creation=30",
                "usage input=240 cached=200 output=5 cache_creation=30", "finish end_turn"});
}

TEST_CASE("anthropic_messages: counts that are known only at the end replace those of the start") {
    const lines events = read(start(R"("input_tokens":0,"output_tokens":0)") +
                              last(R"("input_tokens":35,"output_tokens":2)", "max_tokens"));
    CHECK(events == lines{"opened by 'qwen/qwen3.5-9b'", "usage input=0", "usage input=35 output=2",
                          "finish max_tokens"});
}

TEST_CASE("anthropic_messages: without a usage nothing is counted") {
    CHECK(read(named("message_start", R"(,"message":{"model":"m"})") +
               named("message_delta", R"(,"delta":{"stop_reason":"stop_sequence"})")) ==
          lines{"opened by 'm'", "finish stop_sequence"});
    CHECK(
        read(named("message_start") + named("message_delta", R"(,"usage":{"output_tokens":3})")) ==
        lines{"opened by ''", "usage output=3"});
}

TEST_CASE("anthropic_messages: thinking is reasoning, and its signature is no text") {
    CHECK(read(named("content_block_start",
                     R"(,"index":0,"content_block":{"type":"thinking","thinking":""})") +
               delta(R"("type":"thinking_delta","thinking":"Let me")") +
               delta(R"("type":"signature_delta","signature":"EqQB")") +
               named("content_block_stop", R"(,"index":0)") + text("Yes")) ==
          lines{"text reasoning 'Let me'", "text answer 'Yes'"});
}

TEST_CASE("anthropic_messages: tool calls bear tokens by their name and by their arguments") {
    CHECK(read(named("content_block_start",
                     R"(,"index":1,"content_block":{"type":"tool_use","id":"toolu_1",)"
                     R"("name":"get_weather","input":{}})") +
               delta(R"("type":"input_json_delta","partial_json":"")") +
               delta(R"("type":"input_json_delta","partial_json":"{\"city\":")") +
               last(R"("output_tokens":9)", "tool_use")) ==
          lines{"text tool_arguments 'get_weather'", "text tool_arguments '{\"city\":'",
                "usage output=9", "finish tool_use"});
}

TEST_CASE("anthropic_messages: pings, blocks that hold nothing and empty deltas bear no token") {
    CHECK(read(named("ping") + text("") +
               named("content_block_start",
                     R"(,"index":0,"content_block":{"type":"redacted_thinking","data":"Eo"})") +
               delta(R"("type":"citations_delta","citation":{"cited_text":"a"})") +
               named("content_block_start") + named("content_block_delta") + "data: [DONE]\n\n")
              .empty());
}

TEST_CASE("anthropic_messages: text that a block begins with is text") {
    CHECK(read(named("content_block_start",
                     R"(,"index":0,"content_block":{"type":"text","text":"Hi"})")) ==
          lines{"text answer 'Hi'"});
}

TEST_CASE("anthropic_messages: the type may be in the event's name alone") {
    CHECK(read("event: message_stop\ndata: {}\n\n") == lines{"end"});
    CHECK(read(R"(data: {"type":"message_stop"})"
               "\n\n") == lines{"end"});
}

TEST_CASE("anthropic_messages: what is not known is counted") {
    CHECK(read(named("message_pause")) == lines{"unknown 'message_pause'"});
    CHECK(read(delta(R"("type":"audio_delta")")) == lines{"unknown 'audio_delta'"});
    CHECK(read("data: {}\n\n") == lines{"unknown ''"});
}

TEST_CASE("anthropic_messages: a stream without message_stop is truncated") {
    const std::string cut = lm_studio.substr(0, lm_studio.rfind("event: message_stop"));
    CHECK(read(cut, body::ends).back() ==
          "failure truncated: the stream ended without message_stop");
    const std::string bytes = http_answer(200, "text/event-stream", lm_studio);
    for (std::size_t n = 1; n + 2 < bytes.size(); n += 7) {
        const lines events = test::read_answer(
            "anthropic-messages", {std::string_view{bytes}.substr(0, n)}, test::connection::closes);
        REQUIRE_FALSE(events.empty());
        CHECK(events.back() == "failure truncated: the connection ended within the answer");
    }
}

TEST_CASE("anthropic_messages: a frame that is no JSON is a bad one") {
    CHECK(read("event: ping\ndata: {\"type\"\n\n") == lines{"failure bad_frame: {\"type\""});
    CHECK(read("data: [1]\n\n") == lines{"failure bad_frame: [1]"});
}

TEST_CASE("anthropic_messages: an error in the stream, by its type and by its words") {
    const auto fails = [](const std::string& type, const std::string& message) {
        const lines events = read("event: error\ndata: " + error_of(type, message) + "\n\n");
        REQUIRE(events.size() == 1);
        return events[0];
    };
    CHECK(fails("overloaded_error", "Overloaded") == "failure overloaded: Overloaded");
    CHECK(fails("authentication_error", "no") == "failure unauthorized: no");
    CHECK(fails("not_found_error", "model: m") == "failure model_not_found: model: m");
    CHECK(fails("invalid_request_error", "no") == "failure bad_request: no");
    CHECK(fails("api_error", "Internal server error") ==
          "failure server_error: Internal server error");
    const std::string too_long =
        "The number of tokens to keep from the initial prompt is greater than the context length.";
    CHECK(fails("api_error", too_long) == "failure prompt_too_long: " + too_long);
    CHECK(read("event: error\ndata: Overloaded, overloaded_error\n\n") ==
          lines{"failure overloaded: Overloaded, overloaded_error"});
    CHECK(read("data: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n") ==
          lines{"failure model_unloaded: Model unloaded."});
    // As llama.cpp sends it: no error within the error, and the type is that of its own.
    CHECK(read("event: error\ndata: {\"code\":500,\"message\":\"Context size has been exceeded.\","
               "\"type\":\"server_error\"}\n\n") ==
          lines{"failure context_exhausted: Context size has been exceeded."});
    CHECK(lmstress::api::make_anthropic_messages_decoder()->error_is_final());
}

TEST_CASE("anthropic_messages: an error in place of a stream") {
    const auto whole = [](int status, const std::string& type, const std::string& message) {
        return test::read_answer("anthropic-messages", {http_answer(status, "application/json",
                                                                    error_of(type, message))});
    };
    CHECK(whole(401, "authentication_error", "x") == lines{"failure unauthorized: x"});
    CHECK(whole(404, "not_found_error", "model: m") == lines{"failure model_not_found: model: m"});
    CHECK(whole(529, "overloaded_error", "Overloaded") == lines{"failure overloaded: Overloaded"});
    CHECK(whole(400, "invalid_request_error", "max_tokens: Field required") ==
          lines{"failure bad_request: max_tokens: Field required"});
    CHECK(whole(500, "api_error", "x") == lines{"failure server_error: x"});
}

TEST_CASE("anthropic_messages: the request body, with the system prompt as a field of its own") {
    using lmstress::api::anthropic_messages_body;
    CHECK(
        anthropic_messages_body({.model = "m", .prompt = "p \"q\"", .max_tokens = 9, .seed = 1}) ==
        R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"p \"q\""}],)"
        R"("stream":true})");
    CHECK(anthropic_messages_body({.model = "m", .prompt = "p", .system_prompt = "s"}) ==
          R"({"model":"m","max_tokens":128,"system":"s",)"
          R"("messages":[{"role":"user","content":"p"}],"stream":true})");
}

TEST_CASE("anthropic_messages: the token and the version have header fields of their own") {
    const auto& api = *lmstress::api::find_api("anthropic-messages");
    CHECK(api.token_field == "x-api-key: ");
    CHECK(api.fields == "anthropic-version: 2023-06-01\r\n");
    CHECK(api.body == lmstress::api::framing::sse);
}
