// What is asked of POST /v1/chat/completions and POST /v1/completions.

#include "api/api.hpp"
#include "api/chat_messages.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::api {
namespace {

/// What both end with, and the whole body's end.
void finish_body(wire::json_writer& w, const chat_request& request) {
    w.field("stream", true);
    w.key("stream_options").begin_object().field("include_usage", true).end_object();
    w.field("max_tokens", request.max_tokens);
    if (request.seed) w.field("seed", *request.seed);
    if (request.llama_cpp) w.field("return_progress", true).field("timings_per_token", true);
    w.end_object();
}

}  // namespace

std::string openai_chat_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object();
    write_messages(w, request, tool_style::openai);
    finish_body(w, request);
    return body;
}

std::string openai_completions_body(const chat_request& request) {
    // Without a chat template there are no roles: what the system says is the beginning of the
    // text, and what was said before stands between, a paragraph each.
    std::string prompt{request.system_prompt};
    const auto paragraph = [&](std::string_view text) {
        if (!prompt.empty()) prompt += "\n\n";
        prompt += text;
    };
    for (const chat_message& m : request.earlier) paragraph(m.text);
    if (request.asks_anew()) paragraph(request.prompt);
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", request.model).field("prompt", prompt);
    finish_body(w, request);
    return body;
}

}  // namespace lmstress::api
