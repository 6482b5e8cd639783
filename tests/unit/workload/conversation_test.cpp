#include "workload/conversation.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;
using workload::conversation;
using role = api::chat_message::role;

namespace {

workload::script two_turns() {
    return {.system_prompt = {}, .turns = {{"first"}, {"second"}}};
}

api::chat_request asked(const conversation& c) {
    api::chat_request r{.model = "m", .prompt = {}, .system_prompt = "the scenario's"};
    c.ask(r);
    return r;
}

}  // namespace

TEST_CASE("conversation: a resent history holds the prompts and the answers before") {
    conversation c{two_turns(), conversation::history::resent};
    CHECK(asked(c).prompt == "first");
    CHECK(asked(c).earlier.empty());
    CHECK(asked(c).system_prompt == "the scenario's");
    CHECK(c.needs_text());
    CHECK_FALSE(c.needs_id());
    c.answered("an answer", "resp_1");
    const api::chat_request second = asked(c);
    CHECK(second.prompt == "second");
    REQUIRE(second.earlier.size() == 2);
    CHECK(second.earlier[0].by == role::user);
    CHECK(second.earlier[0].text == "first");
    CHECK(second.earlier[1].by == role::assistant);
    CHECK(second.earlier[1].text == "an answer");
    CHECK(second.previous_response_id.empty());
    CHECK_FALSE(second.store);
    CHECK(c.is_last());
    CHECK_FALSE(c.needs_text());
}

TEST_CASE("conversation: where the server remembers, only the id of its last answer is sent") {
    conversation c{two_turns(), conversation::history::remembered};
    CHECK(asked(c).store);
    CHECK(c.needs_id());
    CHECK_FALSE(c.needs_text());
    c.answered("", "resp_1");
    const api::chat_request second = asked(c);
    CHECK(second.earlier.empty());
    CHECK(second.previous_response_id == "resp_1");
    CHECK_FALSE(second.store);  // nothing goes on from it
}

TEST_CASE("conversation: the script's call of a tool stands in the place of the model's") {
    workload::script s{.system_prompt = "its own", .turns = {{"weather?"}, {}, {"thanks"}}};
    s.turns[1].before = {
        {.by = role::assistant, .text = "", .calls = {{"c1", "weather", "{\"at\":\"Rome\"}"}}},
        {.by = role::tool, .text = "sunny", .answers = "c1"}};
    conversation c{std::move(s), conversation::history::resent};
    CHECK(asked(c).system_prompt == "its own");
    c.answered("Let me look.", "");
    const api::chat_request second = asked(c);
    CHECK(second.prompt.empty());
    CHECK_FALSE(second.asks_anew());
    REQUIRE(second.earlier.size() == 3);
    CHECK(second.earlier[1].text == "Let me look.");
    REQUIRE(second.earlier[1].calls.size() == 1);
    CHECK(second.earlier[1].calls[0].name == "weather");
    CHECK(second.earlier[2].text == "sunny");
    c.answered("It is sunny.", "");
    CHECK(asked(c).prompt == "thanks");
    CHECK(asked(c).earlier.size() == 4);  // no empty turn of a user between
}
