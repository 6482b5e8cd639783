// The table of APIs.

#include "api/api.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

TEST_CASE("api: the table names each API with its path, and nothing else") {
    std::vector<std::string> rows;
    for (const auto& row : lmstress::api::apis()) {
        rows.push_back(std::string{row.name} + ' ' + std::string{row.path});
    }
    CHECK(rows ==
          std::vector<std::string>{
              "lmstudio /api/v1/chat", "openai-chat /v1/chat/completions",
              "openai-completions /v1/completions", "openai-responses /v1/responses",
              "lmstudio-v0 /api/v0/chat/completions", "lmstudio-v0-completions /api/v0/completions",
              "lmstudio-v0-embeddings /api/v0/embeddings", "anthropic-messages /v1/messages",
              "ollama /api/chat", "openai-embeddings /v1/embeddings", "lmstudio-sdk /llm"});
    CHECK(lmstress::api::find_api("openai-chat")->path == "/v1/chat/completions");
    CHECK(lmstress::api::find_api("openai") == nullptr);
}
