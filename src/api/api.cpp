#include "api/api.hpp"

#include <array>

namespace lmstress::api {
namespace {

constexpr std::array table = {
    api{"lmstudio", "/api/v1/chat", lmstudio_body, make_lmstudio_decoder},
    api{"openai-chat", "/v1/chat/completions", openai_chat_body, make_openai_chat_decoder},
};

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

}  // namespace lmstress::api
