// Answers of the built-in LM Studio that reason first, where a request asks for that.

#include "sim/server.hpp"
#include "support/asked_server.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using test::ask;
using test::make_server;
using test::post;

namespace {

const std::string thought = "Here is a server that";
const std::string said = "Here is a server that streams";  // one token more

std::string body_with(const std::string& more) {
    return R"({"model":"qwen/qwen3-4b","max_tokens":9,"messages":[{"role":"user","content":"a"}])" +
           more + "}";
}

std::string events_of(const std::string& stream) {
    std::string out;
    std::size_t at = 0;
    while ((at = stream.find("event: ", at)) != std::string::npos) {
        at += 7;
        out += stream.substr(at, stream.find('\n', at) - at) + '\n';
    }
    return out;
}

std::size_t times(const std::string& text, const std::string& what) {
    std::size_t n = 0;
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size())
        ++n;
    return n;
}

}  // namespace

TEST_CASE("reasoning: Anthropic's thinking is a block of its own, sealed, before the text") {
    auto s = make_server();
    const std::string wanted = R"(,"thinking":{"type":"enabled","budget_tokens":1024})";
    const auto whole = ask(s, post("/v1/messages", body_with(wanted))).body();
    const auto& content = whole.at("content").as_array();
    REQUIRE(content.size() == 2);
    CHECK(content[0].at("type").as_string() == "thinking");
    CHECK(content[0].at("thinking").as_string() == thought);
    CHECK(!content[0].at("signature").as_string().empty());
    CHECK(content[1].at("text").as_string() == said);
    CHECK(whole.at("usage").at("output_tokens") == 9);
    const auto stream = ask(s, post("/v1/messages", body_with(wanted + R"(,"stream":true)"))).text;
    CHECK(times(stream, R"("type":"thinking_delta")") == 4);
    CHECK(times(stream, R"("type":"signature_delta")") == 1);
    CHECK(times(stream, R"("type":"text_delta")") == 5);
    CHECK(times(stream, "event: content_block_start") == 2);
    CHECK(times(stream, "event: content_block_stop") == 2);
    CHECK(stream.find(R"({"index":1,"delta":)") == std::string::npos);
    CHECK(stream.find(R"("index":1,"delta":{"type":"text_delta","text":"Here is"})") !=
          std::string::npos);
    const auto without =
        ask(s, post("/v1/messages", body_with(R"(,"thinking":{"type":"disabled"})")));
    CHECK(without.body().at("content").as_array().size() == 1);
}

TEST_CASE("reasoning: the native route has events for it, and counts it") {
    auto s = make_server();
    const std::string start = R"({"model":"qwen/qwen3-4b","max_output_tokens":9,"input":"a")";
    const auto whole = ask(s, post("/api/v1/chat", start + R"(,"reasoning":"low"})")).body();
    CHECK(whole.at("output").at(0).at("type").as_string() == "reasoning");
    CHECK(whole.at("output").at(0).at("content").as_string() == thought);
    CHECK(whole.at("output").at(1).at("content").as_string() == said);
    CHECK(whole.at("stats").at("reasoning_output_tokens") == 4);
    CHECK(whole.at("stats").at("total_output_tokens") == 9);
    const std::string stream =
        ask(s, post("/api/v1/chat", start + R"(,"reasoning":"on","stream":true})")).text;
    CHECK(events_of(stream).find("prompt_processing.end\nreasoning.start\nreasoning.delta\n") !=
          std::string::npos);
    CHECK(
        events_of(stream).find("reasoning.delta\nreasoning.end\nmessage.start\nmessage.delta\n") !=
        std::string::npos);
    CHECK(times(stream, "event: reasoning.delta") == 4);
    CHECK(times(stream, "event: message.delta") == 5);
    const auto off = ask(s, post("/api/v1/chat", start + R"(,"reasoning":"off"})")).body();
    CHECK(off.at("stats").at("reasoning_output_tokens") == 0);
}

TEST_CASE("reasoning: OpenAI's chats carry it beside the content") {
    auto s = make_server();
    const auto whole =
        ask(s, post("/v1/chat/completions", body_with(R"(,"reasoning_effort":"low")"))).body();
    const auto& message = whole.at("choices").at(0).at("message");
    CHECK(message.at("reasoning_content").as_string() == thought);
    CHECK(message.at("content").as_string() == said);
    CHECK(whole.at("usage").at("completion_tokens_details").at("reasoning_tokens") == 4);
    const std::string stream = ask(s, post("/v1/chat/completions",
                                           body_with(R"(,"reasoning_effort":"low","stream":true)")))
                                   .text;
    CHECK(times(stream, "\"reasoning_content\":") == 4);
    CHECK(times(stream, "\"content\":") == 5);
    const auto none =
        ask(s, post("/v1/chat/completions", body_with(R"(,"reasoning_effort":"none")"))).body();
    CHECK(none.at("choices").at(0).at("message").at("reasoning_content").as_string().empty());
}

TEST_CASE("reasoning: of gpt-oss OpenAI's chats carry it under another name") {
    auto s = make_server();
    const auto of_gpt_oss = [](const std::string& more) {
        std::string body = body_with(more);
        const std::string_view other = "qwen/qwen3-4b";
        return post("/v1/chat/completions",
                    body.replace(body.find(other), other.size(), "openai/gpt-oss-20b"));
    };
    const auto whole = ask(s, of_gpt_oss(R"(,"reasoning_effort":"low")")).body();
    const auto& message = whole.at("choices").at(0).at("message").as_object();
    CHECK(message.at("reasoning").as_string() == thought);
    CHECK_FALSE(message.contains("reasoning_content"));
    const std::string stream =
        ask(s, of_gpt_oss(R"(,"reasoning_effort":"low","stream":true)")).text;
    CHECK(times(stream, "\"reasoning\":") == 4);
    CHECK(times(stream, "reasoning_content") == 0);
}

TEST_CASE("reasoning: an item of its own before the message, on responses") {
    auto s = make_server();
    const std::string start = R"({"model":"qwen/qwen3-4b","max_output_tokens":9,"input":"a")";
    const std::string low = R"(,"reasoning":{"effort":"low"})";
    const auto whole = ask(s, post("/v1/responses", start + low + "}")).body();
    const auto& output = whole.at("output").as_array();
    REQUIRE(output.size() == 2);
    CHECK(output[0].at("type").as_string() == "reasoning");
    CHECK(output[0].at("status").as_string() == "completed");
    CHECK(output[0].at("summary").as_array().empty());
    CHECK(output[0].at("content").at(0).at("type").as_string() == "reasoning_text");
    CHECK(output[0].at("content").at(0).at("text").as_string() == thought);
    CHECK(output[1].at("content").at(0).at("text").as_string() == said);
    CHECK(whole.at("usage").at("output_tokens_details").at("reasoning_tokens") == 4);
    CHECK(whole.at("usage").at("output_tokens") == 9);
    CHECK(whole.at("reasoning").at("effort").as_string() == "low");
    const std::string stream =
        ask(s, post("/v1/responses", start + low + R"(,"stream":true})")).text;
    const std::string deltas = "response.reasoning_text.delta\n";
    CHECK(events_of(stream).find("response.output_item.added\nresponse.content_part.added\n" +
                                 deltas + deltas + deltas + deltas +
                                 "response.reasoning_text.done\nresponse.content_part.done\n"
                                 "response.output_item.done\nresponse.output_item.added\n"
                                 "response.content_part.added\nresponse.output_text.delta\n") !=
          std::string::npos);
    CHECK(times(stream, "event: response.output_text.delta") == 5);
    CHECK(times(stream, R"("output_index":1)") == 10);
    for (const char* none : {R"(,"reasoning":{"effort":"none"}})", R"(,"reasoning":{}})", "}"}) {
        const auto without = ask(s, post("/v1/responses", start + none)).body();
        CHECK(without.at("output").as_array().size() == 1);
        CHECK(without.at("usage").at("output_tokens_details").at("reasoning_tokens") == 0);
    }
}

TEST_CASE("reasoning: a context that is full ends a response while it still reasons") {
    auto s = make_server({.engine = {.context_length = 20}});
    const std::string body = R"({"model":"qwen/qwen3-4b","max_output_tokens":90,"input":"a",)"
                             R"("reasoning":{"effort":"high"})";
    const auto whole = ask(s, post("/v1/responses", body + "}")).body();
    CHECK(whole.at("status").as_string() == "incomplete");
    REQUIRE(whole.at("output").as_array().size() == 1);
    CHECK(whole.at("output").at(0).at("status").as_string() == "incomplete");
    const std::string stream = ask(s, post("/v1/responses", body + R"(,"stream":true})")).text;
    CHECK(
        events_of(stream).ends_with("response.reasoning_text.done\nresponse.content_part.done\n"
                                    "response.output_item.done\nresponse.incomplete\n"));
    CHECK(times(stream, "output_text") == 0);
}

TEST_CASE("reasoning: Ollama's messages have a text for it") {
    auto s = make_server();
    const auto chat = [&](const std::string& more) {
        return post("/api/chat", R"({"model":"qwen/qwen3-4b","options":{"num_predict":9},)"
                                 R"("messages":[{"role":"user","content":"a"}])" +
                                     more + "}");
    };
    for (const char* wanted : {R"(,"think":true)", R"(,"think":"low")"}) {
        const auto whole = ask(s, chat(std::string{wanted} + R"(,"stream":false)")).body();
        CHECK(whole.at("message").at("thinking").as_string() == thought);
        CHECK(whole.at("message").at("content").as_string() == said);
        const std::string stream = ask(s, chat(wanted)).text;
        CHECK(times(stream, R"("content":"","thinking":)") == 4);
        CHECK(times(stream, "\n") == times(stream, "\r\n") + 10);
    }
    const auto without = ask(s, chat(R"(,"think":false,"stream":false)")).body();
    CHECK_FALSE(without.at("message").as_object().contains("thinking"));
}

TEST_CASE("reasoning: what a response was asked for is said again in it, but no secret") {
    auto s = make_server();
    const auto whole =
        ask(s,
            post("/v1/responses",
                 R"({"model":"qwen/qwen3-4b","max_output_tokens":3,"input":"a","temperature":0,)"
                 R"("instructions":"Be short.","metadata":{"k":"v"},"tools":[{"type":"mcp",)"
                 R"("server_label":"m","server_url":"http://x/key","headers":{"A":"hidden"}}]})"))
            .body();
    CHECK(whole.at("instructions").as_string() == "Be short.");
    CHECK(whole.at("temperature") == 0);
    CHECK(whole.at("metadata").at("k").as_string() == "v");
    CHECK(whole.at("max_output_tokens") == 3);
    CHECK(whole.at("tools").at(0).as_object().size() == 2);
    CHECK(whole.at("text").at("format").at("type").as_string() == "text");
    CHECK(whole.at("completed_at") == whole.at("created_at"));
    const auto silent =
        ask(s,
            post("/v1/responses", R"({"model":"qwen/qwen3-4b","max_output_tokens":3,"input":"a"})"))
            .body();
    // These are the members that LM Studio was seen to send.
    for (const char* member : {"id",
                               "object",
                               "created_at",
                               "completed_at",
                               "status",
                               "incomplete_details",
                               "model",
                               "previous_response_id",
                               "instructions",
                               "output",
                               "error",
                               "tools",
                               "tool_choice",
                               "truncation",
                               "parallel_tool_calls",
                               "text",
                               "top_p",
                               "presence_penalty",
                               "frequency_penalty",
                               "top_logprobs",
                               "temperature",
                               "reasoning",
                               "usage",
                               "max_output_tokens",
                               "max_tool_calls",
                               "store",
                               "background",
                               "service_tier",
                               "metadata",
                               "safety_identifier",
                               "prompt_cache_key"}) {
        CAPTURE(std::string{member});
        CHECK(silent.as_object().contains(member));
    }
    CHECK(silent.as_object().size() == 31);
}
