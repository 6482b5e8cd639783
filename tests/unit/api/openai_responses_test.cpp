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
    return test::decode("openai-responses", stream, b);
}

/// An event whose type stands in its name and in its data, as OpenAI has it.
std::string event(const std::string& type, const std::string& members = "") {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":1" +
           (members.empty() ? "" : ",") + members + "}\n\n";
}

std::string delta(const std::string& type, const std::string& text) {
    return event(type, R"("item_id":"x","output_index":0,"delta":")" + text + '"');
}

std::string response(const std::string& members) {
    return R"("response":{"id":"resp_1","object":"response",)" + members + "}";
}

const std::string usage =
    R"("usage":{"input_tokens":15,"output_tokens":7,"total_tokens":22,)"
    R"("input_tokens_details":{"cached_tokens":4},"output_tokens_details":{"reasoning_tokens":3}})";

/// Nothing of it is a recording: none of LM Studio is public. Shapes as OpenAI documents them.
const std::string whole =
    event("response.created", response(R"("status":"in_progress","model":"qwen","usage":null)")) +
    event("response.in_progress", response(R"("status":"in_progress","model":"qwen")")) +
    event("response.output_item.added", R"("output_index":0,"item":{"type":"message"})") +
    event("response.content_part.added", R"("part":{"type":"output_text","text":""})") +
    delta("response.output_text.delta", "Hi") + delta("response.output_text.delta", " you") +
    event("response.output_text.done", R"("text":"Hi you")") +
    event("response.content_part.done", R"("part":{"type":"output_text","text":"Hi you"})") +
    event("response.output_item.done", R"("item":{"type":"message"})") +
    event("response.completed", response(R"("status":"completed","incomplete_details":null,)"
                                         R"("error":null,"model":"qwen",)" +
                                         usage));

const lines events_of_whole = {"opened by 'qwen'",
                               "text answer 'Hi'",
                               "text answer ' you'",
                               "opened by 'qwen'",
                               "usage input=15 cached=4 output=7 reasoning=3",
                               "id resp_1",
                               "finish completed",
                               "end"};

}  // namespace

TEST_CASE("openai_responses: a whole stream with its usage") {
    CHECK(read(whole, body::goes_on) == events_of_whole);
}

TEST_CASE("openai_responses: a whole answer, cut anywhere, gives the same events") {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
        std::to_string(whole.size()) + "\r\n\r\n" + whole;
    test::for_each_single_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        test::collecting_sink events;
        lmstress::api::answer a{*lmstress::api::find_api("openai-responses"), events};
        for (const std::string_view piece : pieces) a.push(piece);
        REQUIRE(events.lines == events_of_whole);
        REQUIRE(a.reusable());
    });
}

TEST_CASE("openai_responses: an answer cut after any event but the last is truncated") {
    std::size_t cuts = 0;
    for (std::size_t at = whole.find("\n\n"); at + 2 < whole.size();
         at = whole.find("\n\n", at + 2)) {
        ++cuts;
        CHECK(read(whole.substr(0, at + 2), body::ends).back() ==
              "failure truncated: the stream ended without response.completed");
    }
    CHECK(cuts == 9);
    // The [DONE] that some append is no end.
    CHECK(read("data: [DONE]\n\n", body::ends).size() == 1);
}

TEST_CASE("openai_responses: reasoning, its summary and a refusal are text") {
    CHECK(read(delta("response.reasoning_text.delta", "a") +
               delta("response.reasoning_summary_text.delta", "b") +
               delta("response.refusal.delta", "c")) ==
          lines{"text reasoning 'a'", "text reasoning 'b'", "text answer 'c'"});
    CHECK(read(delta("response.output_text.delta", "") + event("response.output_text.delta") +
               event("response.output_text.delta", R"("delta":7)"))
              .empty());
}

TEST_CASE("openai_responses: what opens and closes the parts of an answer is known") {
    for (const char* type :
         {"response.queued", "response.in_progress", "response.output_item.done",
          "response.content_part.added", "response.content_part.done",
          "response.output_text.annotation.added", "response.output_text.done",
          "response.refusal.done", "response.reasoning_text.done",
          "response.reasoning_summary_part.added", "response.reasoning_summary_part.done",
          "response.reasoning_summary_text.done", "response.mcp_list_tools.in_progress",
          "response.mcp_call.in_progress"}) {
        CAPTURE(std::string{type});
        CHECK(read(event(type, R"("text":"all of it")")).empty());
    }
}

TEST_CASE("openai_responses: the arguments of a call, in pieces or whole, but not twice") {
    const std::string added = event("response.output_item.added",
                                    R"("item":{"type":"function_call","name":"get_weather"})");
    const std::string done =
        event("response.function_call_arguments.done", R"("arguments":"{\"city\":1}")");
    const std::string piece = R"({\"city\":)";
    CHECK(read(added + done) ==
          lines{"text tool_arguments 'get_weather'", "text tool_arguments '{\"city\":1}'"});
    CHECK(read(added + delta("response.function_call_arguments.delta", piece) +
               delta("response.function_call_arguments.delta", "1}") + done + added + done) ==
          lines{"text tool_arguments 'get_weather'", "text tool_arguments '{\"city\":'",
                "text tool_arguments '1}'", "text tool_arguments 'get_weather'",
                "text tool_arguments '{\"city\":1}'"});
    CHECK(read(event("response.output_item.added") +
               event("response.output_item.added", R"("item":{"type":"function_call"})"))
              .empty());
}

TEST_CASE("openai_responses: a call of an MCP server's tool, and its end, good or bad") {
    const std::string call =
        event("response.output_item.added", R"("item":{"type":"mcp_call","name":"search"})") +
        event("response.mcp_call.in_progress") + delta("response.mcp_call_arguments.delta", "{}") +
        event("response.mcp_call_arguments.done", R"("arguments":"{}")");
    const lines begun = {"tool start 'search'", "text tool_arguments '{}'", "tool arguments ''"};
    lines good = begun;
    good.emplace_back("tool success ''");
    CHECK(read(call + event("response.mcp_call.completed")) == good);
    lines bad = begun;
    bad.emplace_back("tool failure ''");
    CHECK(read(call + event("response.mcp_call.failed")) == bad);
}

TEST_CASE("openai_responses: an MCP server is asked for its tools") {
    const std::string added =
        event("response.output_item.added", R"("item":{"type":"mcp_list_tools"})");
    CHECK(read(added + event("response.mcp_list_tools.completed")) ==
          lines{"tool start 'mcp_list_tools'", "tool success 'mcp_list_tools'"});
    CHECK(read(added + event("response.mcp_list_tools.failed")) ==
          lines{"tool start 'mcp_list_tools'", "tool failure 'mcp_list_tools'"});
}

TEST_CASE("openai_responses: an answer that was cut says why, and is whole") {
    const std::string incomplete =
        R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},)" + usage;
    CHECK(read(event("response.incomplete", response(incomplete))) ==
          lines{"usage input=15 cached=4 output=7 reasoning=3", "id resp_1",
                "finish max_output_tokens", "end"});
    CHECK(read(event("response.completed")) == lines{"end"});
}

TEST_CASE("openai_responses: errors, as an event of their own and in the response") {
    CHECK(
        read(event("error", R"("error":{"message":"Model unloaded.","type":"internal_error"})")) ==
        lines{"failure model_unloaded: Model unloaded."});
    CHECK(read(event("error", R"("code":"x","message":"Context size has been exceeded.")")) ==
          lines{"failure context_exhausted: Context size has been exceeded."});
    CHECK(read("data: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n") ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(read("event: error\ndata: Model unloaded.\n\n") ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(read(event("response.failed",
                     response(R"("status":"failed","error":{"message":"Model unloaded."},)" +
                              usage))) == lines{"usage input=15 cached=4 output=7 reasoning=3",
                                                "failure model_unloaded: Model unloaded."});
    CHECK(read(event("response.failed")).size() == 1);
    CHECK(lmstress::api::make_openai_responses_decoder()->error_is_final());
}

TEST_CASE("openai_responses: a stream of llama.cpp b11669, with its progress and its timings") {
    const auto timings = [](int n) {
        return R"("timings":{"prompt_n":28,"prompt_ms":250.0,"predicted_n":)" + std::to_string(n) +
               R"(,"predicted_ms":0.5,"predicted_per_second":50.0})";
    };
    const auto progress = [&](int n) {
        return response(R"("status":"in_progress")") + ',' + timings(0) +
               R"(,"prompt_progress":{"total":28,"cache":0,"processed":)" + std::to_string(n) +
               R"(,"time_ms":)" + std::to_string(n) + '}';
    };
    CHECK(read(event("response.created", response(R"("status":"in_progress")")) +
               event("response.in_progress", progress(0)) +
               event("response.in_progress", progress(28)) +
               event("response.output_item.added", R"("item":{"type":"message","content":[]})") +
               event("response.output_text.delta", R"("delta":" befa",)" + timings(1)) +
               event("response.output_text.delta", R"("delta":" futu",)" + timings(2)) +
               event("response.output_text.done", R"("text":" befa futu")") +
               event("response.completed",
                     response(R"("status":"completed","model":"tiny","usage":{"input_tokens":28,)"
                              R"("output_tokens":2,"input_tokens_details":{"cached_tokens":0}})") +
                         ',' + timings(2))) ==
          lines{"opened by ''", "prefill start done=0 total=28 cached=0 ms=0",
                "prefill progress done=0 total=28 cached=0 ms=0",
                "prefill end done=28 total=28 cached=0 ms=28", "text answer ' befa' #1",
                "text answer ' futu' #2", "stats ttft=0.25 rate=50", "opened by 'tiny'",
                "usage input=28 cached=0 output=2", "id resp_1", "finish completed", "end"});
}

TEST_CASE("openai_responses: unknown types are counted, and what is no JSON is a bad frame") {
    CHECK(read(event("response.mood.delta") + event("ping")) ==
          lines{"unknown 'response.mood.delta'", "unknown 'ping'"});
    CHECK(read("data: {}\n\n") == lines{"unknown ''"});
    CHECK(read("event: response.output_text.delta\ndata: {\"delta\":\n\n") ==
          lines{"failure bad_frame: {\"delta\":"});
    // The name of the event counts where the data have none.
    CHECK(read("event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n") ==
          lines{"text answer 'a'"});
}

TEST_CASE("openai_responses: the request body") {
    const auto plain = json::parse(lmstress::api::openai_responses_body(
        {.model = "m", .prompt = "p \"q\"", .max_tokens = 9, .seed = 1}));
    CHECK(plain == json::parse(R"({"model":"m","input":"p \"q\"","stream":true,)"
                               R"("max_output_tokens":9,"store":false})"));
    const auto all = json::parse(lmstress::api::openai_responses_body(
        {.model = "m", .prompt = "p", .system_prompt = "s", .llama_cpp = true}));
    CHECK(all.at("instructions").as_string() == "s");
    CHECK(all.at("input").as_string() == "p");
    CHECK(all.at("return_progress").as_bool());
    CHECK(all.at("timings_per_token").as_bool());
}
