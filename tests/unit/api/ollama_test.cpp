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

lines read(std::string_view text, body b = body::goes_on) {
    return test::decode("ollama", text, b);
}

std::string line(const std::string& message, const std::string& rest = R"("done":false)") {
    return R"({"model":"llama3.2","created_at":"2026-09-20T15:42:24.93Z","message":{)" + message +
           "}," + rest + "}\n";
}

std::string text(const std::string& words) {
    return line(R"("role":"assistant","content":")" + words + '"');
}

/// As in Ollama's documentation: times in nanoseconds.
const std::string done =
    line(R"("role":"assistant","content":"")",
         R"("done":true,"done_reason":"stop","total_duration":4883583458,)"
         R"("load_duration":1334875000,"prompt_eval_count":26,"prompt_eval_duration":342546000,)"
         R"("eval_count":300,"eval_duration":4000000000)");
const std::string whole = text("Hi") + text(" \\u00e9") + done;
const lines whole_events = {"opened by 'llama3.2'",
                            "text answer 'Hi'",
                            "text answer ' \xc3\xa9'",
                            "finish stop",
                            "usage input=26 output=300",
                            "stats rate=75 load=1.334875",
                            "end"};

/// The events of a line, without the opening.
lines one(const std::string& bytes) {
    lines all = read(bytes);
    REQUIRE_FALSE(all.empty());
    CHECK(all.front() == "opened by 'llama3.2'");
    all.erase(all.begin());
    return all;
}

}  // namespace

TEST_CASE("ollama: a stream, cut anywhere, with and without its last line end") {
    CHECK(read(whole) == whole_events);
    for (const std::string& bytes : {whole, whole.substr(0, whole.size() - 1)}) {
        CHECK(test::read_every_split("ollama", http_answer(200, "application/x-ndjson", bytes)) ==
              whole_events);
    }
}

TEST_CASE("ollama: thinking is reasoning, and may share a line with the answer") {
    CHECK(one(line(R"("role":"assistant","content":"","thinking":"Let me")")) ==
          lines{"text reasoning 'Let me'"});
    CHECK(one(line(R"("content":"Yes","thinking":"so")")) ==
          lines{"text reasoning 'so'", "text answer 'Yes'"});
}

TEST_CASE("ollama: a tool call comes whole, and its name stands for it") {
    CHECK(one(line(R"("content":"","tool_calls":[{"function":{"name":"get_weather",)"
                   R"("arguments":{"city":"Tokyo"}}}])")) ==
          lines{"text tool_arguments 'get_weather'"});
    CHECK(one(line(R"("content":"","tool_calls":[null,{},{"function":7}])")).empty());
}

TEST_CASE("ollama: only what the last line says is taken from it") {
    CHECK(one(line("", R"("done":true)")) == lines{"end"});
    CHECK(one(line("", R"("done":true,"done_reason":"length","eval_count":3)")) ==
          lines{"finish length", "usage output=3", "end"});
    // A prompt that was in the cache is not counted by some versions, and a rate needs a time.
    CHECK(one(line("", R"("done":true,"eval_count":1,"eval_duration":0,"load_duration":0)")) ==
          lines{"usage output=1", "stats load=0", "end"});
    CHECK(one(line("", R"("done":true,"eval_duration":5)")) == lines{"end"});
}

TEST_CASE("ollama: the last line may hold text as well") {
    CHECK(one(line(R"("content":"Hi")", R"("done":true)")) == lines{"text answer 'Hi'", "end"});
}

TEST_CASE("ollama: an error in the middle is a failure, and final") {
    CHECK(read(text("Hi") + "{\"error\":\"an error was encountered while running the model\"}\n",
               body::ends)[2] ==
          "failure server_error: an error was encountered while running the model");
    CHECK(lmstress::api::make_ollama_decoder()->error_is_final());
    CHECK(test::read_answer(
              "ollama", {http_answer(200, "application/x-ndjson",
                                     text("Hi") + "{\"error\":\"Model unloaded.\"}\n" + whole)}) ==
          lines{"opened by 'llama3.2'", "text answer 'Hi'",
                "failure model_unloaded: Model unloaded."});
}

TEST_CASE("ollama: an error before the stream, by its words and its status") {
    const auto refused = [](int status, const std::string& message) {
        return test::read_answer(
            "ollama", {http_answer(status, "application/json", "{\"error\":\"" + message + "\"}")});
    };
    CHECK(refused(404, "model 'nope' not found") ==
          lines{"failure model_not_found: model 'nope' not found"});
    CHECK(refused(503, "server busy, please try again.  maximum pending requests exceeded") ==
          lines{"failure overloaded: server busy, please try again.  maximum pending requests "
                "exceeded"});
    CHECK(refused(400, "model is required") == lines{"failure bad_request: model is required"});
    CHECK(refused(500, "llama runner process has terminated") ==
          lines{"failure server_error: llama runner process has terminated"});
    // LM Studio has no such route, and says so with status 200.
    CHECK(refused(200, "Unexpected endpoint or method. (POST /api/chat)") ==
          lines{"failure bad_request: Unexpected endpoint or method. (POST /api/chat)"});
}

TEST_CASE("ollama: a stream without a line that is done is truncated") {
    CHECK(read(text("Hi"), body::ends).back() ==
          "failure truncated: the stream ended before a line was done");
    const std::string bytes = http_answer(200, "application/x-ndjson", whole);
    for (std::size_t n = 1; n + 2 < bytes.size(); n += 5) {
        const lines events = test::read_answer("ollama", {std::string_view{bytes}.substr(0, n)},
                                               test::connection::closes);
        REQUIRE_FALSE(events.empty());
        CHECK(events.back() == "failure truncated: the connection ended within the answer");
    }
}

TEST_CASE("ollama: a line that is no JSON object is a bad one") {
    CHECK(read("{\"model\"\n") == lines{"failure bad_frame: {\"model\""});
    CHECK(read("data: {}\n") == lines{"failure bad_frame: data: {}"});
}

TEST_CASE("ollama: the request body, whose limits are options") {
    using lmstress::api::ollama_body;
    CHECK(ollama_body({.model = "m", .prompt = "p \"q\"", .max_tokens = 9}) ==
          R"({"model":"m","messages":[{"role":"user","content":"p \"q\""}],"stream":true,)"
          R"("options":{"num_predict":9}})");
    CHECK(
        ollama_body({.model = "m", .prompt = "p", .system_prompt = "s", .seed = 4}) ==
        R"({"model":"m","messages":[{"role":"system","content":"s"},)"
        R"({"role":"user","content":"p"}],"stream":true,"options":{"num_predict":128,"seed":4}})");
}
