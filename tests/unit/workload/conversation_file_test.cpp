#include "workload/conversation_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;
using workload::conversation_file;
using workload::script;

namespace {

workload_settings unsalted() {
    workload_settings s;
    s.salt = salt_mode::none;
    return s;
}

script read(const std::string& line) {
    const auto file = conversation_file::from_text(line + "\n", "f", unsalted());
    if (!file) FAIL(file.error().message);
    return file->at("run", 0, 0);
}

std::string refusal(const std::string& messages) {
    const auto file =
        conversation_file::from_text("{\"messages\":[" + messages + "]}", "f", unsalted());
    REQUIRE(file.has_error());
    CHECK(file.error().code == errc::bad_file);
    return file.error().message;
}

constexpr const char* user = R"({"role":"user","content":"a"})";
constexpr const char* openai_call =
    R"({"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",)"
    R"("function":{"name":"weather","arguments":"{\"at\":\"Rome\"}"}}]})";
constexpr const char* openai_result = R"({"role":"tool","tool_call_id":"c1","content":"sunny"})";

std::string list(std::initializer_list<const char*> messages) {
    std::string out;
    for (const char* m : messages) out += (out.empty() ? "" : ",") + std::string{m};
    return out;
}
std::string line(std::initializer_list<const char*> messages) {
    return "{\"messages\":[" + list(messages) + "]}";
}

}  // namespace

TEST_CASE("conversation file: the turns of the user are asked, the assistant's words are not") {
    const script s = read(
        R"({"messages":[{"role":"system","content":"be short"},{"role":"user","content":"a"},)"
        R"({"role":"assistant","content":"ignored"},)"
        R"({"role":"user","content":[{"type":"text","text":"b"},{"type":"text","text":"c"}]}]})");
    CHECK(s.system_prompt == "be short");
    REQUIRE(s.turns.size() == 2);
    CHECK(s.turns[0].prompt == "a");
    CHECK(s.turns[1].prompt == "bc");
    CHECK(s.turns[1].before.empty());
}

TEST_CASE("conversation file: OpenAI's and Anthropic's results of tools read alike") {
    const std::string anthropic =
        R"({"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":"a"},)"
        R"({"role":"assistant","content":[{"type":"text","text":"x"},)"
        R"({"type":"tool_use","id":"c1","name":"weather","input":{"at":"Rome"}}]},)"
        R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1",)"
        R"("content":[{"type":"text","text":"sunny"}]}]}]})";
    for (const std::string& text : {line({user, openai_call, openai_result}), anthropic}) {
        CAPTURE(text);
        const script s = read(text);
        REQUIRE(s.turns.size() == 2);
        CHECK(s.turns[1].prompt.empty());
        REQUIRE(s.turns[1].before.size() == 2);
        REQUIRE(s.turns[1].before[0].calls.size() == 1);
        CHECK(s.turns[1].before[0].calls[0].id == "c1");
        CHECK(s.turns[1].before[0].calls[0].name == "weather");
        CHECK(s.turns[1].before[0].calls[0].arguments == R"({"at":"Rome"})");
        CHECK(s.turns[1].before[1].text == "sunny");
        CHECK(s.turns[1].before[1].answers == "c1");
    }
    CHECK(read(anthropic).system_prompt == "s");
}

TEST_CASE("conversation file: results go with the user's words that follow them at once") {
    CHECK(read(line({user, openai_call, openai_result, user})).turns.size() == 2);
    // With the assistant's between, it is asked for them.
    const char* said = R"({"role":"assistant","content":"sunny it is"})";
    CHECK(read(line({user, openai_call, openai_result, said, user})).turns.size() == 3);
    // And again where it calls a second time.
    CHECK(read(line({user, openai_call, openai_result, openai_call, openai_result, user}))
              .turns.size() == 3);
}

TEST_CASE("conversation file: what makes no sense is refused with its place") {
    CHECK(refusal("") == "f line 1 is no conversation: it has no turn of a user");
    CHECK(refusal(R"({"role":"assistant","content":"a"})") ==
          "f line 1 is no conversation: message 1: the first to speak is the user");
    CHECK(refusal(list({user, openai_call})) ==
          "f line 1 is no conversation: a call of a tool has no result");
    CHECK(refusal(list({user, openai_call, user})).ends_with("has no result"));
    CHECK(refusal(list({user, openai_result})).ends_with("was not called before it"));
    CHECK(refusal(list({user, openai_call, openai_result, openai_result}))
              .ends_with("was not called before it"));
    CHECK(refusal(R"({"role":"user","content":""})").ends_with("it says nothing"));
    CHECK(refusal(R"({"role":"robot"})").find("its role is none of") != std::string::npos);
    CHECK(refusal(list({user, R"({"role":"system","content":"late"})"}))
              .ends_with("at the beginning only"));
    CHECK(refusal("7").ends_with("it is no object"));
    CHECK(conversation_file::from_text("{}", "f", unsalted()).has_error());
    CHECK(conversation_file::from_text("no JSON", "f", unsalted()).has_error());
    CHECK(conversation_file::from_text("\n", "f", unsalted()).error().message ==
          "f holds no conversation");
}

TEST_CASE("conversation file: only the first turn is salted, and each conversation differently") {
    workload_settings s;
    s.salt = salt_mode::seed;
    const auto file =
        conversation_file::from_text(line({user, user}) + "\n\n" + line({user}), "f", s);
    REQUIRE(file.has_value());
    CHECK(file->size() == 2);
    CHECK(file->most_turns() == 2);
    CHECK_FALSE(file->have_tool_results());
    const script a = file->at("run", 0, 0);
    const script again = file->at("run", 0, 2);
    CHECK(a.turns[0].prompt.ends_with(" a"));
    CHECK(a.turns[0].prompt.size() == 12);
    CHECK(a.turns.size() == again.turns.size());
    CHECK(a.turns[0].prompt != again.turns[0].prompt);
    const script two = a.turns.size() == 2 ? a : file->at("run", 0, 1);
    CHECK(two.turns[1].prompt == "a");
}

TEST_CASE("conversation: made of prompts it takes one a turn, in their order") {
    workload_settings s;
    s.salt = salt_mode::none;
    s.conversation.turns = 3;
    s.synthetic = token_lengths{.a = 10};
    const auto prompts = workload::prompts::synthetic(s);
    const script second = workload::script_of_prompts(prompts, s, "run", 0, 1);
    REQUIRE(second.turns.size() == 3);
    for (std::uint64_t turn = 0; turn < 3; ++turn) {
        CHECK(second.turns[turn].prompt == prompts.text(3 + turn));
    }
    s.salt = salt_mode::seed;
    const script salted = workload::script_of_prompts(prompts, s, "run", 0, 1);
    CHECK(salted.turns[0].prompt == workload::salted(s, "run", 0, 3, prompts.text(3)));
    CHECK(salted.turns[0].prompt != prompts.text(3));
    CHECK(salted.turns[1].prompt == prompts.text(4));
}
