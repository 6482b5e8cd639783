#include "api/api.hpp"

#include "api/sdk_fields.hpp"

#include <algorithm>
#include <array>

namespace lmstress::api {
namespace {

constexpr std::array table = {
    api{.name = "lmstudio",
        .path = "/api/v1/chat",
        .takes_history = false,
        .takes_tool_results = false,
        .remembers = true,
        .takes_seed = false,
        .integrates = true,
        .request_body = lmstudio_body,
        .make_decoder = make_lmstudio_decoder},
    api{.name = "openai-chat",
        .path = "/v1/chat/completions",
        .request_body = openai_chat_body,
        .make_decoder = make_openai_chunk_decoder},
    api{.name = "openai-completions",
        .path = "/v1/completions",
        .takes_tool_results = false,
        .takes_images = false,
        .request_body = openai_completions_body,
        .make_decoder = make_openai_chunk_decoder},
    api{.name = "openai-responses",
        .path = "/v1/responses",
        .remembers = true,
        .takes_seed = false,
        .request_body = openai_responses_body,
        .make_decoder = make_openai_responses_decoder},
    api{.name = "lmstudio-v0",
        .path = "/api/v0/chat/completions",
        .request_body = openai_chat_body,
        .make_decoder = make_openai_chunk_decoder},
    api{.name = "lmstudio-v0-completions",
        .path = "/api/v0/completions",
        .takes_tool_results = false,
        .request_body = openai_completions_body,
        .make_decoder = make_openai_chunk_decoder},
    api{.name = "lmstudio-v0-embeddings",
        .path = "/api/v0/embeddings",
        .body = framing::whole,
        .embeds = true,
        .takes_history = false,
        .takes_tool_results = false,
        .takes_seed = false,
        .request_body = openai_embeddings_body,
        .make_decoder = make_openai_embeddings_decoder},
    api{.name = "anthropic-messages",
        .path = "/v1/messages",
        .token_field = "x-api-key: ",
        .fields = "anthropic-version: 2023-06-01\r\n",
        .takes_seed = false,
        .request_body = anthropic_messages_body,
        .make_decoder = make_anthropic_messages_decoder},
    api{.name = "ollama",
        .path = "/api/chat",
        .body = framing::ndjson,
        .request_body = ollama_body,
        .make_decoder = make_ollama_decoder},
    api{.name = "openai-embeddings",
        .path = "/v1/embeddings",
        .body = framing::whole,
        .embeds = true,
        .takes_history = false,
        .takes_tool_results = false,
        .takes_seed = false,
        .takes_images = false,
        .request_body = openai_embeddings_body,
        .make_decoder = make_openai_embeddings_decoder},
    api{.name = "lmstudio-sdk",
        .path = "/llm",
        .body = framing::web_socket,
        .wants_uploads = true,
        .request_body = lmstudio_sdk_body,
        .set_field = set_sdk_field,
        .message = lmstudio_sdk_message,
        .make_decoder = make_lmstudio_sdk_decoder},
};

constexpr bool words_are_names() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (api_words[i + 1] != table[i].name) return false;
    }
    return api_words.size() == table.size() + 1;
}
static_assert(words_are_names());

}  // namespace

std::span<const api> apis() noexcept {
    return table;
}

const api* find_api(std::string_view name) noexcept {
    for (const api& row : table) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

std::vector<const api*> find_apis(std::string_view names) {
    std::vector<const api*> found;
    for (;;) {
        const std::size_t end = std::min(names.find(','), names.size());
        const api* row = find_api(names.substr(0, end));
        if (row == nullptr) return {};
        found.push_back(row);
        if (end == names.size()) return found;
        names.remove_prefix(end + 1);
    }
}

}  // namespace lmstress::api
