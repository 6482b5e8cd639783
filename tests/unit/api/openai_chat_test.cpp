#include "support/collecting_sink.hpp"
#include "support/streams.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lines = std::vector<std::string>;
using test::body;

namespace {

lines read(std::string_view stream, body b = body::goes_on) {
    return test::decode("openai-chat", stream, b);
}

/// The events of these chunks, without the first one, which every answer begins with.
lines chunks(const std::vector<std::string>& data) {
    std::string stream;
    for (const std::string& d : data) stream += "data: " + d + "\n\n";
    lines all = read(stream);
    REQUIRE(all.size() >= 1);
    CHECK(all.front().starts_with("opened by"));
    all.erase(all.begin());
    return all;
}

std::string delta(const std::string& content, const std::string& beside = "") {
    return R"({"choices":[{"index":0,"delta":{)" + content + "}" + beside + "}]}";
}

std::vector<std::string> keys_of(const boost::json::object& o) {
    std::vector<std::string> keys;
    for (const auto& member : o) keys.emplace_back(member.key());
    return keys;
}

}  // namespace

TEST_CASE("openai_chat: a recorded stream of LM Studio, whose first chunk has role and text") {
    CHECK(read(test::stream("lmstudio-openai-first")) ==
          lines{"opened by 'gemma-2-2b-it'", "text answer '\n'", "finish stop", "end"});
}

TEST_CASE("openai_chat: reasoning comes as reasoning_content or as reasoning") {
    CHECK(chunks({delta(R"("reasoning_content":"Need")")}) == lines{"text reasoning 'Need'"});
    CHECK(chunks({delta(R"("reasoning":"Need")")}) == lines{"text reasoning 'Need'"});
    CHECK(read(test::stream("ollama-openai")) == lines{"opened by ''", "text reasoning 'So'"});
}

TEST_CASE("openai_chat: a chunk with a role, null or empty text bears no token") {
    CHECK(chunks({delta(R"("role":"assistant","content":"")")}).empty());
    CHECK(chunks({delta(R"("role":"assistant","content":null)")}).empty());
    CHECK(chunks({delta("")}).empty());
    CHECK(chunks({delta(R"("role":"assistant","content":"a")"),
                  delta(R"("role":"assistant","content":"b")")}) ==
          lines{"text answer 'a'", "text answer 'b'"});
}

TEST_CASE("openai_chat: usage comes in a chunk with empty choices") {
    CHECK(read(test::stream("lmstudio-openai-usage")) ==
          lines{"opened by ''", "usage input=17 output=116 reasoning=102", "end"});
}

TEST_CASE("openai_chat: choices may be absent, null or strange") {
    CHECK(chunks({R"({"id":"x"})"}).empty());
    CHECK(chunks({R"({"choices":null,"usage":null})"}).empty());
    CHECK(chunks({R"({"choices":[null,7,{"delta":null},{"delta":{"content":7}}]})"}).empty());
}

TEST_CASE("openai_chat: usage on every chunk tells how many tokens there are so far") {
    const std::string first =
        R"({"choices":[{"delta":{"content":"a"}}],"usage":{"completion_tokens":1}})";
    const std::string second =
        R"({"choices":[{"delta":{"content":"bc"}}],"usage":{"completion_tokens":3}})";
    CHECK(chunks({first, second, delta(R"("content":"d")")}) ==
          lines{"text answer 'a' #1", "usage output=1", "text answer 'bc' #3", "usage output=3",
                "text answer 'd'"});
}

TEST_CASE("openai_chat: text may stand beside the finish_reason") {
    CHECK(read(test::stream("vllm-length-with-text")) ==
          lines{"opened by ''", "text answer ' end' #4", "finish length", "usage output=4", "end"});
}

TEST_CASE("openai_chat: without [DONE] a finish_reason makes the answer whole") {
    const std::string whole = "data: " + delta(R"("content":"a")") +
                              "\n\ndata: " + delta("", R"(,"finish_reason":"stop")") + "\n\n";
    CHECK(read(whole, body::ends) ==
          lines{"opened by ''", "text answer 'a'", "finish stop", "end"});
}

TEST_CASE("openai_chat: without [DONE] and finish_reason the answer is truncated") {
    const std::string cut = "data: " + delta(R"("content":"a")", R"(,"finish_reason":null)");
    CHECK(read(cut + "\n\n", body::ends) ==
          lines{"opened by ''", "text answer 'a'",
                "failure truncated: the stream ended without a finish_reason or [DONE]"});
}

TEST_CASE("openai_chat: an error frame is a failure, named or bare, object or string") {
    const std::string text =
        "The number of tokens to keep from the initial prompt is greater "
        "than the context length.";
    const lines expected = {"failure prompt_too_long: " + text};
    CHECK(read("event: error\ndata: {\"error\":{\"message\":\"" + text + "\"}}\n\n") == expected);
    CHECK(read("event: error\ndata: {\"error\":\"" + text + "\"}\n\n") == expected);
    CHECK(read("event: error\ndata: {\"message\":\"" + text + "\"}\n\n") == expected);
    CHECK(read("data: {\"error\":{\"message\":\"" + text + "\"}}\n\n") == expected);
    CHECK(read("data: {\"error\":\"" + text + "\"}\n\n") == expected);
    CHECK(read("event: error\ndata: " + text + "\n\n") == expected);
}

TEST_CASE("openai_chat: an error of null is none") {
    CHECK(chunks({R"({"error":null,"choices":[{"delta":{"content":"a"}}]})"}) ==
          lines{"text answer 'a'"});
}

TEST_CASE("openai_chat: an error is final, whatever follows it") {
    CHECK(lmstress::api::make_openai_chat_decoder()->error_is_final());
}

TEST_CASE("openai_chat: errors as SGLang and old llama.cpp send them") {
    CHECK(read(test::stream("sglang-too-long")) ==
          lines{"failure prompt_too_long: The input (9000 tokens) is longer than the model's "
                "context length",
                "end"});
    CHECK(read(test::stream("llamacpp-error-field")) ==
          lines{"opened by ''", "text answer 'x'",
                "failure context_exhausted: Context size has been exceeded."});
}

TEST_CASE("openai_chat: two answers spliced into one frame are a bad frame") {
    const lines events = read(test::stream("lmstudio-spliced"));
    REQUIRE(events.size() == 1);
    CHECK(events[0].starts_with("failure bad_frame: {\"id\":\"chatcmpl-1\""));
}

TEST_CASE("openai_chat: a frame without the space after the colon, as Spring writes it") {
    CHECK(read(test::stream("spring-no-space")) == lines{"opened by ''", "text answer 'hi'"});
}

TEST_CASE("openai_chat: what llama.cpp sends when asked for progress and timings") {
    const std::string zero =
        R"("timings":{"cache_n":0,"prompt_n":0,"prompt_ms":0.0,"predicted_n":0,)"
        R"("predicted_ms":0.0})";
    const std::string role =
        R"({"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant",)"
        R"("content":null}}],"model":"tiny",)";
    const auto progress = [&](const std::string& p) {
        return role + R"("prompt_progress":{)" + p + "}," + zero + '}';
    };
    const auto token = [](const std::string& text, int n) {
        return R"({"choices":[{"finish_reason":null,"index":0,"delta":{"content":")" + text +
               R"("}}],"timings":{"cache_n":4,"prompt_n":26,"prompt_ms":250.0,"predicted_n":)" +
               std::to_string(n) + R"(,"predicted_ms":20.0,"predicted_per_second":50.0}})";
    };
    CHECK(chunks({progress(R"("total":30,"cache":4,"processed":4,"time_ms":0)"),
                  progress(R"("total":30,"cache":4,"processed":30,"time_ms":240)"),
                  role + R"("object":"chat.completion.chunk"})", token("Hi", 1), token(" you", 2),
                  R"({"choices":[{"finish_reason":"stop","index":0,"delta":{}}]})",
                  R"({"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":30,)"
                  R"("prompt_tokens_details":{"cached_tokens":4}}})"}) ==
          lines{"prefill start done=4 total=30 cached=4 ms=0",
                "prefill progress done=4 total=30 cached=4 ms=0",
                "prefill end done=30 total=30 cached=4 ms=240", "text answer 'Hi' #1",
                "stats ttft=0.25 rate=50", "text answer ' you' #2", "stats ttft=0.25 rate=50",
                "finish stop", "usage input=30 cached=4 output=2"});
}

TEST_CASE("openai_chat: llama.cpp's first progress may be its last") {
    CHECK(chunks({R"({"choices":[],"prompt_progress":{"total":8,"cache":0,"processed":8,)"
                  R"("time_ms":31}})"}) == lines{"prefill start done=8 total=8 cached=0 ms=31",
                                                 "prefill end done=8 total=8 cached=0 ms=31"});
}

TEST_CASE("openai_chat: usage and timings on the finish chunk, as llama.cpp b5517 sent them") {
    CHECK(chunks({R"({"choices":[{"finish_reason":"length","index":0,"delta":{}}],"usage":)"
                  R"({"completion_tokens":50,"prompt_tokens":13,"total_tokens":63},"timings":)"
                  R"({"prompt_n":13,"prompt_ms":239.5,"predicted_n":50,"predicted_ms":680.938,)"
                  R"("predicted_per_second":73.5}})"}) ==
          lines{"finish length", "usage input=13 output=50", "stats ttft=0.2395 rate=73.5"});
}

TEST_CASE("openai_chat: tool calls bear tokens by their name and by their arguments") {
    CHECK(chunks({delta(R"("tool_calls":[{"index":0,"id":"814890118","type":"function",)"
                        R"("function":{"name":"get_weather","arguments":""}}])"),
                  delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}])"),
                  delta("", R"(,"finish_reason":"tool_calls")")}) ==
          lines{"text tool_arguments 'get_weather'", "text tool_arguments '{\"city\":'",
                "finish tool_calls"});
    CHECK(chunks({delta(R"("content":"a","tool_calls":[])")}) == lines{"text answer 'a'"});
    CHECK(chunks({delta(R"("tool_calls":[null,{"index":0},{"function":7}])")}).empty());
}

TEST_CASE("openai_chat: the request body asks for a stream and its usage") {
    const auto v = boost::json::parse(
        lmstress::api::openai_chat_body({.model = "m", .prompt = "p \"q\"", .max_tokens = 9}));
    CHECK(keys_of(v.as_object()) ==
          lines{"model", "messages", "stream", "stream_options", "max_tokens"});
    CHECK(v.at("model").as_string() == "m");
    CHECK(v.at("messages") == boost::json::parse(R"([{"role":"user","content":"p \"q\""}])"));
    CHECK(v.at("stream").as_bool());
    CHECK(v.at("stream_options") == boost::json::parse(R"({"include_usage":true})"));
    CHECK(v.at("max_tokens").as_int64() == 9);
}

TEST_CASE("openai_chat: system prompt and seed are sent where they are set") {
    const auto v = boost::json::parse(lmstress::api::openai_chat_body(
        {.model = "m", .prompt = "p", .system_prompt = "s", .seed = 42}));
    CHECK(keys_of(v.as_object()) ==
          lines{"model", "messages", "stream", "stream_options", "max_tokens", "seed"});
    CHECK(v.at("messages") ==
          boost::json::parse(R"([{"role":"system","content":"s"},{"role":"user","content":"p"}])"));
    CHECK(v.at("seed").as_int64() == 42);
}

TEST_CASE("openai_chat: only llama.cpp is asked for its progress and timings") {
    const auto v = boost::json::parse(
        lmstress::api::openai_chat_body({.model = "m", .prompt = "p", .llama_cpp = true}));
    CHECK(keys_of(v.as_object()) == lines{"model", "messages", "stream", "stream_options",
                                          "max_tokens", "return_progress", "timings_per_token"});
    CHECK(v.at("return_progress").as_bool());
    CHECK(v.at("timings_per_token").as_bool());
}

TEST_CASE("api: the table names each API with its path, and nothing else") {
    lines rows;
    for (const auto& row : lmstress::api::apis()) {
        rows.push_back(std::string{row.name} + ' ' + std::string{row.path});
    }
    CHECK(rows == lines{"lmstudio /api/v1/chat", "openai-chat /v1/chat/completions",
                        "anthropic-messages /v1/messages", "ollama /api/chat",
                        "openai-embeddings /v1/embeddings"});
    CHECK(lmstress::api::find_api("openai-chat")->path == "/v1/chat/completions");
    CHECK(lmstress::api::find_api("openai") == nullptr);
}
