// What was said before, in the bodies of each API.

#include "api/api.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
namespace json = boost::json;
using role = api::chat_message::role;

namespace {

const std::vector<api::chat_message> plain = {
    {.by = role::user, .text = "first"},
    {.by = role::assistant, .text = "an answer"},
};

const std::vector<api::chat_message> with_tool = {
    {.by = role::user, .text = "weather?"},
    {.by = role::assistant,
     .text = "Let me look.",
     .calls = {{"c1", "weather", R"({"at":"Rome"})"}, {"c2", "clock", "{}"}}},
    {.by = role::tool, .text = "sunny", .answers = "c1"},
    {.by = role::tool, .text = "noon", .answers = "c2"},
};

json::value body(const char* api, const std::vector<api::chat_message>& earlier,
                 std::string_view prompt) {
    const api::chat_request r{
        .model = "m", .prompt = prompt, .system_prompt = "s", .earlier = earlier};
    return json::parse(api::find_api(api)->request_body(r));
}

std::string at(const json::value& v, const char* key) {
    return json::serialize(v.at(key));
}

}  // namespace

TEST_CASE("history: OpenAI's messages and those after it") {
    for (const char* api : {"openai-chat", "lmstudio-v0", "ollama"}) {
        CAPTURE(api);
        CHECK(at(body(api, plain, "second"), "messages") ==
              R"([{"role":"system","content":"s"},{"role":"user","content":"first"},)"
              R"({"role":"assistant","content":"an answer"},{"role":"user","content":"second"}])");
    }
}

TEST_CASE("history: results of tools end a request that has no prompt") {
    const std::string before =
        R"([{"role":"system","content":"s"},{"role":"user","content":"weather?"},)";
    CHECK(
        at(body("openai-chat", with_tool, ""), "messages") ==
        before +
            R"({"role":"assistant","content":"Let me look.","tool_calls":[)"
            R"({"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"at\":\"Rome\"}"}},)"
            R"({"id":"c2","type":"function","function":{"name":"clock","arguments":"{}"}}]},)"
            R"({"role":"tool","content":"sunny","tool_call_id":"c1"},)"
            R"({"role":"tool","content":"noon","tool_call_id":"c2"}])");
    CHECK(at(body("ollama", with_tool, ""), "messages") ==
          before + R"({"role":"assistant","content":"Let me look.","tool_calls":[)"
                   R"({"type":"function","function":{"name":"weather","arguments":{"at":"Rome"}}},)"
                   R"({"type":"function","function":{"name":"clock","arguments":{}}}]},)"
                   R"({"role":"tool","content":"sunny","tool_name":"weather"},)"
                   R"({"role":"tool","content":"noon","tool_name":"clock"}])");
}

TEST_CASE("history: Anthropic's blocks") {
    CHECK(at(body("anthropic-messages", plain, "second"), "messages") ==
          R"([{"role":"user","content":"first"},{"role":"assistant","content":"an answer"},)"
          R"({"role":"user","content":"second"}])");
    CHECK(
        at(body("anthropic-messages", with_tool, "so?"), "messages") ==
        R"([{"role":"user","content":"weather?"},{"role":"assistant","content":[)"
        R"({"type":"text","text":"Let me look."},)"
        R"({"type":"tool_use","id":"c1","name":"weather","input":{"at":"Rome"}},)"
        R"({"type":"tool_use","id":"c2","name":"clock","input":{}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"sunny"},)"
        R"({"type":"tool_result","tool_use_id":"c2","content":"noon"}]},)"
        R"({"role":"user","content":"so?"}])");
    // An answer without text would be refused.
    CHECK(at(body("anthropic-messages", {{role::user, "a"}, {role::assistant, ""}}, "b"),
             "messages") == R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])");
}

TEST_CASE("history: the input items of responses") {
    CHECK(at(body("openai-responses", {}, "only"), "input") == R"("only")");
    CHECK(at(body("openai-responses", plain, "second"), "input") ==
          R"([{"role":"user","content":"first"},{"type":"message","role":"assistant",)"
          R"("content":[{"type":"output_text","text":"an answer"}]},)"
          R"({"role":"user","content":"second"}])");
    CHECK(
        at(body("openai-responses", with_tool, ""), "input") ==
        R"([{"role":"user","content":"weather?"},{"type":"message","role":"assistant",)"
        R"("content":[{"type":"output_text","text":"Let me look."}]},)"
        R"({"type":"function_call","call_id":"c1","name":"weather","arguments":"{\"at\":\"Rome\"}"},)"
        R"({"type":"function_call","call_id":"c2","name":"clock","arguments":"{}"},)"
        R"({"type":"function_call_output","call_id":"c1","output":"sunny"},)"
        R"({"type":"function_call_output","call_id":"c2","output":"noon"}])");
}

TEST_CASE("history: a completion's is text, a paragraph each") {
    CHECK(at(body("openai-completions", plain, "second"), "prompt") ==
          R"("s\n\nfirst\n\nan answer\n\nsecond")");
}

TEST_CASE("history: what the server remembers is named, and kept only where it is asked for") {
    for (const char* api : {"lmstudio", "openai-responses"}) {
        CAPTURE(api);
        api::chat_request r{.model = "m", .prompt = "p"};
        const auto without = json::parse(api::find_api(api)->request_body(r));
        CHECK_FALSE(without.at("store").as_bool());
        CHECK_FALSE(without.as_object().contains("previous_response_id"));
        r.previous_response_id = "resp_1";
        r.store = true;
        const auto with = json::parse(api::find_api(api)->request_body(r));
        CHECK(with.at("store").as_bool());
        CHECK(with.at("previous_response_id") == "resp_1");
    }
}
