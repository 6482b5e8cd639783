#include "workload/api_use.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using workload::conversation_needs;
using workload::uses_of;
using words = std::vector<std::string>;

namespace {

scenario asking_for(api::field_texts fields) {
    scenario s;
    s.request.fields = std::move(fields);
    return s;
}

scenario allowing(scenario s) {
    s.request.allow_missing = true;
    return s;
}

}  // namespace

TEST_CASE("api_use: what an API can express goes over it whole") {
    const auto uses =
        uses_of(asking_for({{"temperature", "0.5"}}), {}, api::find_apis("lmstudio,openai-chat"));
    REQUIRE(uses.has_value());
    for (const auto& use : *uses) {
        CHECK(use.fields == api::field_texts{{"temperature", "0.5"}});
        CHECK(use.left_out.empty());
    }
}

TEST_CASE("api_use: one sentence names all that is missing, on every API, and the flag") {
    scenario s = asking_for({{"min_p", "0.1"}, {"temperature", "1.5"}, {"stop", R"(["x"])"}});
    s.workload.integrations = {R"("mcp/files")"};
    const auto uses = uses_of(s, {.integrations = true}, api::find_apis("lmstudio,openai-chat"));
    REQUIRE(uses.has_error());
    CHECK(uses.error().code == errc::usage);
    CHECK(uses.error().message ==
          "lmstudio has no way to express temperature 1.5, stop; "
          "openai-chat has no way to express min_p, integrations");
    CHECK(uses.error().advice.find("--allow-missing") != std::string::npos);
}

TEST_CASE("api_use: with the flag each API goes without what it lacks, and the rest stays") {
    const scenario s =
        allowing(asking_for({{"min_p", "0.1"}, {"temperature", "1.5"}, {"top_k", "40"}}));
    const auto uses = uses_of(s, {}, api::find_apis("lmstudio,openai-chat"));
    REQUIRE(uses.has_value());
    CHECK(uses->at(0).fields == api::field_texts{{"min_p", "0.1"}, {"top_k", "40"}});
    CHECK(uses->at(0).left_out == words{"temperature 1.5"});
    CHECK(uses->at(1).fields == api::field_texts{{"temperature", "1.5"}, {"top_k", "40"}});
    CHECK(uses->at(1).left_out == words{"min_p"});
}

TEST_CASE("api_use: a field that no API has is misspelled, and no flag allows that") {
    const auto uses =
        uses_of(allowing(asking_for({{"temprature", "1"}})), {}, api::find_apis("openai-chat"));
    REQUIRE(uses.has_error());
    CHECK(uses.error().message == "/request/temprature is no field of the API openai-chat");
    CHECK(uses.error().advice.find("Did you mean temperature?") == 0);
    // And so is a value that none takes.
    CHECK(uses_of(allowing(asking_for({{"temperature", "99"}})), {}, api::find_apis("openai-chat"))
              .has_error());
}

TEST_CASE("api_use: embeddings have neither a system prompt nor turns") {
    scenario s;
    s.workload.system_prompt = "Be brief.";
    const conversation_needs talk{.turns = 3};
    for (const char* api : {"openai-embeddings", "lmstudio-v0-embeddings"}) {
        CAPTURE(api);
        CHECK(uses_of(s, talk, api::find_apis(api)).error().message ==
              std::string{api} +
                  " has no way to express the system prompt, conversations of several turns");
        const auto uses = uses_of(allowing(s), talk, api::find_apis(api));
        REQUIRE(uses.has_value());
        CHECK(uses->front().left_out ==
              words{"the system prompt", "conversations of several turns"});
        CHECK(uses->front().history == workload::conversation::history::resent);
    }
    CHECK(uses_of(s, talk, api::find_apis("openai-chat")).has_value());
}

TEST_CASE("api_use: a history that the API cannot have becomes the one that it can") {
    scenario s;
    s.workload.conversation.history = history_mode::stateful;
    const auto uses = uses_of(allowing(s), {.turns = 2}, api::find_apis("openai-chat,lmstudio"));
    REQUIRE(uses.has_value());
    CHECK(uses->at(0).history == workload::conversation::history::resent);
    CHECK(uses->at(0).left_out.size() == 1);
    CHECK(uses->at(1).history == workload::conversation::history::remembered);
    CHECK(uses->at(1).left_out.empty());
}

TEST_CASE("api_use: a turn is nothing without its tools' results, which no flag leaves out") {
    const conversation_needs tools{.turns = 2, .tool_results = true};
    CHECK(uses_of(allowing({}), tools, api::find_apis("lmstudio")).has_error());
    CHECK(uses_of(allowing({}), tools, api::find_apis("openai-chat")).has_value());
}

TEST_CASE("api_use: the seed makes the prompts everywhere; where it is named, so is its absence") {
    scenario s;
    s.workload.seed = 7;
    CHECK(uses_of(s, {}, api::find_apis("lmstudio"))->front().left_out.empty());
    CHECK(uses_of(allowing(s), {}, api::find_apis("lmstudio"))->front().left_out ==
          words{"the seed (but in its prompts)"});
    CHECK(uses_of(allowing(s), {}, api::find_apis("ollama"))->front().left_out.empty());
    CHECK(uses_of(allowing({}), {}, api::find_apis("lmstudio"))->front().left_out.empty());
}
