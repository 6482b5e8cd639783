// Answers that are not words: the call of a tool, and documents of a JSON schema.

#include "sim/shaped_output.hpp"

#include "support/asked_server.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress::sim;
namespace json = boost::json;
using test::ask;
using test::make_server;
using test::post;

namespace {

shaped_output wanted(const std::string& members) {
    return wanted_output(json::parse("{" + members + "}").as_object());
}

std::string joined(const std::vector<std::string>& pieces) {
    std::string out;
    for (const std::string& piece : pieces) out += piece;
    return out;
}

const std::string parameters = R"({"type":"object","properties":{"city":{"type":"string"}}})";
const std::string arguments = R"({"city":"Here is a server"})";
const std::string tools =
    R"("tools":[{"type":"function","function":{"name":"first","parameters":)" + parameters +
    R"(}},{"type":"function","function":{"name":"second"}}])";
const std::string flat_tools =
    R"("tools":[{"type":"function","name":"first","parameters":)" + parameters + R"(}])";
const std::string anthropic_tools =
    R"("tools":[{"name":"first","input_schema":)" + parameters + R"(}])";

const std::string in_chat = R"("model":"qwen/qwen3-4b","messages":[],)";

}  // namespace

TEST_CASE("shaped output: a document has every member of its schema") {
    struct row {
        const char* schema;
        const char* document;
    };
    for (const row& r : {
             row{R"({"type":"string"})", R"("Here is a server")"},
             row{R"({"type":["null","integer"]})", "42"},
             row{R"({"type":"number"})", "42"},
             row{R"({"type":"boolean"})", "true"},
             row{R"({"type":"null"})", "null"},
             row{R"({"enum":["b","a"]})", R"("b")"},
             row{R"({"const":{"x":1}})", R"({"x":1})"},
             row{R"({"type":"array","items":{"type":"boolean"}})", "[true]"},
             row{R"({"type":"array"})", "[]"},
             row{R"({"properties":{"a":{"type":"object","properties":{"b":{"type":"integer"}}}}})",
                 R"({"a":{"b":42}})"},
             row{"true", "null"},
         }) {
        CAPTURE(std::string{r.schema});
        CHECK(document_of(json::parse(r.schema)) == r.document);
    }
    std::string deep = R"({"type":"string"})";
    for (int i = 0; i < 30; ++i) deep = R"({"type":"array","items":)" + deep + "}";
    CHECK(document_of(json::parse(deep)).find("null") != std::string::npos);  // and no further
}

TEST_CASE("shaped output: a text is cut into tokens, but not inside a letter") {
    CHECK(pieces_of("").empty());
    CHECK(pieces_of("1234567") == std::vector<std::string>{"12345", "67"});
    const std::vector<std::string> pieces = pieces_of(
        "1234\xC3\xA9"
        "67");
    CHECK(pieces == std::vector<std::string>{"1234\xC3\xA9", "67"});
}

TEST_CASE("shaped output: a tool is called where the choice forces it, in the words of each API") {
    for (const std::string& forced : {
             tools + R"(,"tool_choice":"required")",
             tools + R"(,"tool_choice":{"type":"function","function":{"name":"first"}})",
             flat_tools + R"(,"tool_choice":{"type":"function","name":"first"})",
             anthropic_tools + R"(,"tool_choice":{"type":"any"})",
             anthropic_tools + R"(,"tool_choice":{"type":"tool","name":"first"})",
         }) {
        CAPTURE(forced);
        const shaped_output out = wanted(forced);
        CHECK(out.refused.empty());
        CHECK(out.tool == "first");
        CHECK(joined(out.pieces) == arguments);
    }
    const shaped_output second =
        wanted(tools + R"(,"tool_choice":{"type":"function","function":{"name":"second"}})");
    CHECK(second.tool == "second");
    CHECK(joined(second.pieces) == "{}");
    for (const char* left_open : {"", R"(,"tool_choice":"auto")", R"(,"tool_choice":"none")",
                                  R"(,"tool_choice":{"type":"auto"})"}) {
        CHECK(wanted(tools + left_open).tool.empty());
        CHECK(wanted(tools + left_open).pieces.empty());
    }
}

TEST_CASE("shaped output: a document comes where a schema is asked for") {
    const std::string schema = R"({"type":"json_schema","json_schema":{"schema":)" + parameters;
    CHECK(joined(wanted(R"("response_format":)" + schema + "}}").pieces) == arguments);
    CHECK(joined(wanted(R"("text":{"format":{"type":"json_schema","schema":)" + parameters + "}}")
                     .pieces) == arguments);
    CHECK(wanted(R"("response_format":{"type":"text"})").pieces.empty());
}

TEST_CASE("shaped output: what cannot be is refused") {
    CHECK(wanted(R"("tool_choice":"any")").refused ==
          "Invalid tool_choice value: 'any'. Supported values: none, auto, required");
    CHECK(wanted(R"("tool_choice":"required")").wrong == "tool_choice");
    CHECK(wanted(anthropic_tools + R"(,"tool_choice":{"type":"tool","name":"x"})").refused ==
          "Tool 'x' not found in tools");
    CHECK(wanted(R"("response_format":{"type":"xml"})").refused ==
          "'response_format.type' must be 'json_schema' or 'text'");

    server s = make_server();
    const auto on_chat =
        ask(s, post("/v1/chat/completions", "{" + in_chat + R"("tool_choice":"any"})"));
    CHECK(on_chat.status() == 400);
    CHECK(on_chat.body().at("error").as_string().starts_with("Invalid tool_choice"));
    const auto on_responses = ask(
        s, post("/v1/responses", R"({"model":"qwen/qwen3-4b","input":"x","tool_choice":"any"})"));
    CHECK(on_responses.status() == 400);
    CHECK(on_responses.error("param") == "tool_choice");
    const auto on_messages = ask(
        s, post("/v1/messages", "{" + in_chat + R"("max_tokens":9,"tool_choice":{"type":"x"}})"));
    CHECK(on_messages.status() == 400);
    CHECK(on_messages.error("type") == "invalid_request_error");
}

TEST_CASE("sim server: a chat that calls a tool, streamed and whole") {
    server s = make_server();
    const std::string begin = "{" + in_chat + tools + R"(,"tool_choice":"required")";
    const auto request = post("/v1/chat/completions", begin + "}");
    const auto whole = ask(s, request).body();
    const json::value& choice = whole.at("choices").at(0);
    CHECK(choice.at("finish_reason").as_string() == "tool_calls");
    CHECK(choice.at("message").at("content").as_string().empty());
    const json::value& call = choice.at("message").at("tool_calls").at(0);
    CHECK(call.at("id").as_string() == "000000007");
    CHECK(call.at("function").at("name").as_string() == "first");
    CHECK(call.at("function").at("arguments").as_string() == arguments);
    CHECK(whole.at("usage").at("completion_tokens").to_number<int>() == 6);  // 27 letters

    const auto streamed =
        ask(s, post("/v1/chat/completions", begin + R"(,"stream":true})"), 1h).text;
    CHECK(streamed.find(R"("delta":{"role":"assistant","tool_calls":[{"index":0,"id":"000000007",)"
                        R"("type":"function","function":{"name":"first","arguments":""}}]})") !=
          std::string::npos);
    CHECK(streamed.find(
              R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"cit"}}]})") !=
          std::string::npos);
    CHECK(streamed.find(R"("finish_reason":"tool_calls")") != std::string::npos);

    const auto cut = ask(s, post("/v1/chat/completions", begin + R"(,"max_tokens":2})"), 2h).body();
    CHECK(cut.at("choices").at(0).at("finish_reason").as_string() == "length");
    const auto v0 = ask(s, post("/api/v0/chat/completions", begin + "}"), 3h).body();
    CHECK(v0.at("stats").at("stop_reason").as_string() == "toolCalls");
}

TEST_CASE("sim server: with whole arguments a call's come in one piece, when the last is there") {
    server s = make_server({.whole_arguments = true});
    const std::string begin = R"({"model":"qwen/qwen3-4b","max_tokens":99,)" + flat_tools +
                              R"(,"messages":[{"role":"user","content":"x"}],"stream":true,)";
    const std::string escaped = R"({\"city\":\"Here is a server\"})";
    const std::string chat =
        ask(s, post("/v1/chat/completions", begin + R"("tool_choice":"required"})")).text;
    CHECK(chat.find(R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":")" + escaped +
                    "\"}}]}") != std::string::npos);
    CHECK(chat.find(R"("arguments":"{)") == chat.rfind(R"("arguments":"{)"));
    CHECK(chat.find(R"("name":"first","arguments":"")") < chat.find(escaped));
    const std::string message =
        ask(s, post("/v1/messages", begin + R"("tool_choice":{"type":"any"}})"), 1h).text;
    CHECK(message.find(R"("type":"input_json_delta","partial_json":")" + escaped + '"') !=
          std::string::npos);
    CHECK(message.find("input_json_delta") == message.rfind("input_json_delta"));
}

TEST_CASE("sim server: a response that calls a tool brings the arguments in one piece") {
    server s = make_server();
    const std::string begin = R"({"model":"qwen/qwen3-4b","input":"x",)" + flat_tools +
                              R"(,"tool_choice":"required","stream":true})";
    const std::string streamed = ask(s, post("/v1/responses", begin)).text;
    std::size_t at = 0;
    for (const char* event : {"response.created", "response.in_progress",
                              "response.output_item.added", "response.function_call_arguments.done",
                              "response.output_item.done", "response.completed"}) {
        CAPTURE(std::string{event});
        at = streamed.find("event: " + std::string{event} + "\n", at);
        REQUIRE(at != std::string::npos);
    }
    CHECK(streamed.find(".delta") == std::string::npos);
    CHECK(streamed.find(R"("type":"function_call","status":"completed","call_id":"000000007",)"
                        R"("name":"first","arguments":"{\"city\":\"Here is a server\"}")") !=
          std::string::npos);
}

TEST_CASE("sim server: a message that calls a tool, streamed, whole and cut short") {
    server s = make_server();
    const auto begin = [&](int max_tokens) {
        return "{" + in_chat + anthropic_tools + R"(,"tool_choice":{"type":"any"},"max_tokens":)" +
               std::to_string(max_tokens);
    };
    const auto whole = ask(s, post("/v1/messages", begin(99) + "}")).body();
    CHECK(whole.at("stop_reason").as_string() == "tool_use");
    const json::value& block = whole.at("content").at(0);
    CHECK(block.at("type").as_string() == "tool_use");
    CHECK(block.at("name").as_string() == "first");
    CHECK(block.at("input") == json::parse(arguments));
    const auto streamed = ask(s, post("/v1/messages", begin(99) + R"(,"stream":true})"), 1h).text;
    CHECK(streamed.find(R"("content_block":{"type":"tool_use","id":"000000007","name":"first",)"
                        R"("input":{}})") != std::string::npos);
    CHECK(streamed.find(R"("delta":{"type":"input_json_delta","partial_json":"{\"cit"})") !=
          std::string::npos);
    CHECK(streamed.find(R"("stop_reason":"tool_use")") != std::string::npos);
    const auto cut = ask(s, post("/v1/messages", begin(2) + "}"), 2h).body();
    CHECK(cut.at("stop_reason").as_string() == "max_tokens");
    CHECK(cut.at("content").at(0).at("input").as_object().empty());
}

TEST_CASE("sim server: embeddings come as numbers or, as OpenAI's client asks, in base64") {
    server s = make_server();
    const std::string begin = R"({"model":"qwen/qwen3-4b","input":"x")";
    const auto numbers = ask(s, post("/v1/embeddings", begin + "}")).body();
    CHECK(numbers.at("data").at(0).at("embedding").at(1).to_number<double>() == 0.341);
    const auto packed =
        ask(s, post("/v1/embeddings", begin + R"(,"encoding_format":"base64"})"), 1h).body();
    // -0.132f and 0.341f are 0xbe072b02 and 0x3eae978d, least significant byte first.
    CHECK(packed.at("data").at(0).at("embedding").as_string().starts_with("AisHvo2Xrj"));
    CHECK(packed.at("data").at(0).at("embedding").as_string().size() == 44);
}
