#include "api/answer.hpp"
#include "support/collecting_sink.hpp"
#include "support/splits.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using lines = std::vector<std::string>;
using test::body;
namespace json = boost::json;

namespace {

lines read(std::string_view stream, body b = body::goes_on) {
    return test::decode("openai-completions", stream, b);
}

std::string frame(const std::string& data) {
    return "data: " + data + "\n\n";
}

/// A chunk in LM Studio's order of keys.
std::string chunk(const std::string& text, const std::string& finish_reason = "null") {
    return frame(R"({"id":"cmpl-1","object":"text_completion","created":1,"model":"qwen",)"
                 R"("choices":[{"index":0,"text":")" +
                 text + R"(","logprobs":null,"finish_reason":)" + finish_reason + "}]}");
}

const std::string whole =
    chunk("Once") + chunk(" upon") + chunk("", R"("length")") +
    frame(R"({"id":"cmpl-1","object":"text_completion","model":"qwen","choices":[],)"
          R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})") +
    frame("[DONE]");

const lines events_of_whole = {"opened by 'qwen'", "text answer 'Once'",     "text answer ' upon'",
                               "finish length",    "usage input=5 output=2", "end"};

}  // namespace

TEST_CASE("openai_completions: a whole stream with its usage") {
    CHECK(read(whole) == events_of_whole);
}

TEST_CASE("openai_completions: a whole answer, cut anywhere, gives the same events") {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
        std::to_string(whole.size()) + "\r\n\r\n" + whole;
    test::for_each_single_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        test::collecting_sink events;
        lmstress::api::answer a{*lmstress::api::find_api("openai-completions"), events};
        for (const std::string_view piece : pieces) a.push(piece);
        REQUIRE(events.lines == events_of_whole);
        REQUIRE(a.reusable());
    });
}

TEST_CASE("openai_completions: text beside the finish_reason is a token, empty text is none") {
    CHECK(read(chunk("", "null") + chunk(" end", R"("stop")"), body::ends) ==
          lines{"opened by 'qwen'", "text answer ' end'", "finish stop", "end"});
}

TEST_CASE("openai_completions: counts on every chunk, as vLLM and llama.cpp send them") {
    CHECK(read(frame(R"({"choices":[{"text":"ab"}],"usage":{"completion_tokens":2}})") +
               frame(R"({"choices":[{"text":"c"}],"timings":{"predicted_n":3,"prompt_ms":250.0,)"
                     R"("predicted_per_second":50.0}})")) ==
          lines{"opened by ''", "text answer 'ab' #2", "usage output=2", "text answer 'c' #3",
                "stats ttft=0.25 rate=50"});
}

TEST_CASE("openai_completions: a stream that is cut, and errors in it") {
    CHECK(read(chunk("a"), body::ends) ==
          lines{"opened by 'qwen'", "text answer 'a'",
                "failure truncated: the stream ended without a finish_reason or [DONE]"});
    CHECK(read("event: error\n" + frame(R"({"error":{"message":"Model unloaded."}})")) ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(read(frame(R"({"error":"Context size has been exceeded."})")) ==
          lines{"failure context_exhausted: Context size has been exceeded."});
    CHECK(read(frame(R"({"choices":[)")) == lines{R"(failure bad_frame: {"choices":[)"});
}

TEST_CASE("openai_completions: what is not text is no token") {
    CHECK(read(frame(R"({"choices":[null,{"text":null},{"text":7},{"text":["a"]}]})")) ==
          lines{"opened by ''"});
}

TEST_CASE("openai_completions: the request body has a prompt, and the system prompt before it") {
    const auto plain = json::parse(lmstress::api::openai_completions_body(
        {.model = "m", .prompt = "p \"q\"", .max_tokens = 9}));
    CHECK(plain == json::parse(R"({"model":"m","prompt":"p \"q\"","stream":true,)"
                               R"("stream_options":{"include_usage":true},"max_tokens":9})"));
    const auto all = json::parse(lmstress::api::openai_completions_body(
        {.model = "m", .prompt = "p", .system_prompt = "s", .seed = 42, .llama_cpp = true}));
    CHECK(all.at("prompt").as_string() == "s\n\np");
    CHECK(all.at("seed").as_int64() == 42);
    CHECK(all.at("return_progress").as_bool());
    CHECK(all.at("timings_per_token").as_bool());
}
