#include "report/advice.hpp"

#include <array>

namespace lmstress::report {
namespace {

struct row {
    std::string_view kind;
    std::string_view advice;
};

constexpr std::string_view look =
    "What was sent and what came is in first-failure.txt; the server's log may say why.";

constexpr std::array rows = {
    row{"dns", "Is the name in --url right? An address works as well."},
    row{"connect", "Is the server still running, and does it take that many connections?"},
    row{"tls", "--ca-file trusts an authority of your own, --insecure any certificate."},
    row{"reset",
        "The server, or something in between, closed the connection; its log may say why."},
    row{"truncated", "The answer broke off: did the server crash, or a proxy give up?"},
    row{"not_http", "Is the port right? LM Studio's is 1234, llama.cpp's 8080."},
    row{"not_a_stream", look},
    row{"bad_frame", look},
    row{"empty_answer", look},
    row{"unauthorized", "Put a valid token into the environment variable LM_API_TOKEN."},
    row{"model_not_found", "Name a model that the server has with --model."},
    row{"prompt_too_long",
        "Raise the model's context_length, or take shorter prompts or a lower --max-tokens."},
    row{"context_exhausted",
        "All running requests share the context: raise context_length, or lower --max-tokens or "
        "--concurrency."},
    row{"slot_timeout",
        "They waited too long for a slot: lower --concurrency, or raise the server's parallel."},
    row{"overloaded", "Lower --concurrency, or wait until the server has loaded its model."},
    row{"engine_failed", "The engine failed; the server's log may say why."},
    row{"model_unloaded", "The model left the memory: is there enough of it, or a TTL?"},
    row{"server_error", look},
    row{"bad_request", look},
    row{"event_too_large", look},
    row{"timeout_connect", "--timeout-connect says how long to wait for a connection."},
    row{"timeout_send", "The server did not read the request; --timeout-headers is the limit."},
    row{"timeout_headers", "--timeout-headers says how long to wait for the header."},
    row{"timeout_first_token",
        "--timeout-first-token says how long to wait; with more streams than slots they queue."},
    row{"timeout_gap", "The stream fell silent; --timeout-gap says how long to wait for it."},
    row{"timeout_whole", "--timeout-request says how long a request may take."},
};

}  // namespace

std::string_view advice_on(std::string_view kind) noexcept {
    for (const row& r : rows) {
        if (r.kind == kind) return r.advice;
    }
    return {};
}

}  // namespace lmstress::report
