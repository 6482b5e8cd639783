#include "workload/api_use.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;
using workload::conversation_needs;
using enum workload::conversation::history;

namespace {

result<workload::conversation::history> chosen(const char* api, history_mode wanted,
                                               conversation_needs needs = {.turns = 2}) {
    scenario s;
    s.workload.conversation.history = wanted;
    const auto uses = workload::uses_of(s, needs, api::find_apis(api));
    if (!uses) return uses.error();
    return uses->front().history;
}

}  // namespace

TEST_CASE("history: the server remembers where it can, else it is sent again") {
    using enum history_mode;
    CHECK(*chosen("lmstudio", automatic) == remembered);
    CHECK(*chosen("openai-responses", automatic) == remembered);
    CHECK(*chosen("openai-responses", resent) == workload::conversation::history::resent);
    for (const char* api :
         {"openai-chat", "openai-completions", "lmstudio-v0", "anthropic-messages", "ollama"}) {
        CAPTURE(api);
        CHECK(*chosen(api, automatic) == workload::conversation::history::resent);
        CHECK(chosen(api, stateful).has_error());
    }
    CHECK(chosen("lmstudio", resent).error().code == errc::usage);
    CHECK(chosen("lmstudio", resent).error().message ==
          "lmstudio has no way to express a history that is sent again (--conversation-history "
          "resent)");
}

TEST_CASE("history: canned results of tools need an API that takes them") {
    using enum history_mode;
    const conversation_needs tools{.turns = 2, .tool_results = true};
    for (const char* api :
         {"openai-chat", "openai-responses", "lmstudio-v0", "anthropic-messages", "ollama"}) {
        CAPTURE(api);
        CHECK(*chosen(api, automatic, tools) == workload::conversation::history::resent);
    }
    CHECK(chosen("lmstudio", automatic, tools).has_error());
    CHECK(chosen("openai-completions", automatic, tools).has_error());
    CHECK(chosen("openai-responses", stateful, tools).has_error());
}

TEST_CASE("history: llama.cpp speaks responses, but remembers none") {
    const conversation_needs needs{.turns = 2, .server_remembers = false};
    CHECK(*chosen("openai-responses", history_mode::automatic, needs) ==
          workload::conversation::history::resent);
    CHECK(chosen("openai-responses", history_mode::stateful, needs).has_error());
}

TEST_CASE("history: integrations are LM Studio's own") {
    const conversation_needs needs{.turns = 1, .integrations = true};
    CHECK(chosen("lmstudio", history_mode::automatic, needs).has_value());
    CHECK(chosen("openai-chat", history_mode::automatic, needs).error().message ==
          "openai-chat has no way to express integrations");
}

TEST_CASE("history: images and several texts need an API that takes them, even in one turn") {
    const conversation_needs images{.turns = 1, .images = true};
    for (const char* api : {"lmstudio", "openai-chat", "openai-responses", "lmstudio-v0",
                            "anthropic-messages", "ollama", "lmstudio-sdk"}) {
        CAPTURE(api);
        CHECK(chosen(api, history_mode::automatic, images).has_value());
    }
    for (const char* api : {"openai-completions", "openai-embeddings"}) {
        CHECK(chosen(api, history_mode::automatic, images).error().message ==
              std::string{api} + " has no way to express images");
    }
    const conversation_needs texts{.turns = 1, .several_inputs = true};
    CHECK(chosen("openai-embeddings", history_mode::automatic, texts).has_value());
    CHECK(chosen("lmstudio", history_mode::automatic, texts).error().message ==
          "lmstudio has no way to express several texts to embed in one request (--inputs)");
}

TEST_CASE("history: an API without conversations takes single requests all the same") {
    CHECK(chosen("openai-embeddings", history_mode::automatic).has_error());
    CHECK(chosen("openai-embeddings", history_mode::automatic, {.turns = 1}).has_value());
    CHECK(chosen("lmstudio", history_mode::resent, {.turns = 1}).has_value());
}
