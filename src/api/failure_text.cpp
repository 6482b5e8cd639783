#include "api/failure_text.hpp"

#include "wire/letters.hpp"

#include <array>

namespace lmstress::api {
namespace {

using enum failure_kind;

// Each row has a recorded body in tests/unit/api/failure_text_test.cpp.
constexpr std::array table = {
    failure_text{"context size has been exceeded", context_exhausted},  // LM Studio, llama.cpp
    failure_text{"tokens to keep from the initial prompt is greater than the context",
                 prompt_too_long},
    failure_text{"exceed_context_size_error", prompt_too_long},  // llama.cpp
    failure_text{"exceeds the available context size", prompt_too_long},
    failure_text{"is too large to process", prompt_too_long},  // llama.cpp's embeddings
    failure_text{"maximum context length", prompt_too_long},   // vLLM
    failure_text{"longer than the model's context length", prompt_too_long},  // SGLang
    failure_text{"prompt is too long", prompt_too_long},                      // Anthropic
    failure_text{"model unloaded", model_unloaded},
    failure_text{"no models loaded", model_not_found},
    failure_text{"model_not_found", model_not_found},
    failure_text{"invalid model identifier", model_not_found},
    failure_text{"not found, try pulling it first", model_not_found},  // Ollama
    failure_text{"' not found", model_not_found},                      // Ollama's own API
    failure_text{"invalid_api_key", unauthorized},
    failure_text{"invalid api key", unauthorized},  // llama.cpp
    failure_text{"api token", unauthorized},
    failure_text{"authentication_error", unauthorized},
    failure_text{"permission_error", unauthorized},  // Anthropic
    failure_text{"file not found", bad_request},     // llama.cpp: a route that it does not have
    failure_text{"not_found_error", model_not_found},
    failure_text{"model has crashed", engine_failed},
    failure_text{"model crashed", engine_failed},
    failure_text{"engine protocol predict", engine_failed},
    failure_text{"loading model", overloaded},     // llama.cpp while it loads
    failure_text{"server busy", overloaded},       // Ollama's full queue
    failure_text{"overloaded_error", overloaded},  // Anthropic
    failure_text{"rate_limit_error", overloaded},
    failure_text{"unexpected endpoint or method", bad_request},  // LM Studio's 200 for any path
    failure_text{"unrecognized_keys", bad_request},
    failure_text{"internal_error", server_error},
};

}  // namespace

std::span<const failure_text> failure_texts() noexcept {
    return table;
}

failure_kind classify_failure(int http_status, std::string_view text) {
    for (const failure_text& row : table) {
        if (wire::contains_letters(text, row.contains)) return row.means;
    }
    if (http_status == 401 || http_status == 403) return unauthorized;
    if (http_status == 429 || http_status == 503) return overloaded;
    const bool says_so =
        wire::contains_letters(text, "invalid_request");  // in a stream of status 200
    if (says_so || (http_status >= 400 && http_status < 500)) return bad_request;
    return server_error;
}

}  // namespace lmstress::api
