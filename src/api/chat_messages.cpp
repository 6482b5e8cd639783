#include "api/chat_messages.hpp"

#include "api/data_url.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::api {
namespace {

using role = chat_message::role;

void write_calls(wire::json_writer& w, const chat_message& m, tool_style style) {
    w.key("tool_calls").begin_array();
    for (const tool_use& call : m.calls) {
        w.begin_object();
        if (style == tool_style::openai) w.field("id", call.id);
        w.field("type", "function").key("function").begin_object().field("name", call.name);
        w.key("arguments");
        if (style == tool_style::openai) {
            w.value(call.arguments);
        } else {
            w.raw(call.arguments);
        }
        w.end_object().end_object();
    }
    w.end_array();
}

/// What a user says, and shows.
void write_user(wire::json_writer& w, const chat_request& request, std::string_view text,
                tool_style style) {
    w.begin_object().field("role", "user").key("content");
    if (request.images.empty() || style == tool_style::ollama) {
        w.value(text);
    } else {
        w.begin_array().begin_object().field("type", "text").field("text", text).end_object();
        for (const image& i : request.images) {
            w.begin_object().field("type", "image_url").key("image_url");
            w.begin_object().field("url", data_url(i)).end_object().end_object();
        }
        w.end_array();
    }
    if (!request.images.empty() && style == tool_style::ollama) {
        w.key("images").begin_array();
        for (const image& i : request.images) w.value(i.base64);
        w.end_array();
    }
    w.end_object();
}

std::string_view word_for(role r) {
    switch (r) {
        case role::user:
            return "user";
        case role::assistant:
            return "assistant";
        case role::tool:
            return "tool";
    }
    return {};
}

}  // namespace

std::string_view tool_answered(std::span<const chat_message> earlier, const chat_message& result) {
    std::string_view name;
    for (const chat_message& m : earlier) {
        for (const tool_use& call : m.calls) {
            if (call.id == result.answers) name = call.name;
        }
        if (&m == &result) break;  // a later call may have the same id
    }
    return name;
}

void write_messages(wire::json_writer& w, const chat_request& request, tool_style style) {
    w.field("model", request.model).key("messages").begin_array();
    if (!request.system_prompt.empty()) {
        w.begin_object().field("role", "system").field("content", request.system_prompt);
        w.end_object();
    }
    for (const chat_message& m : request.earlier) {
        if (m.by == role::user) {
            write_user(w, request, m.text, style);
            continue;
        }
        w.begin_object().field("role", word_for(m.by)).field("content", m.text);
        if (!m.calls.empty()) write_calls(w, m, style);
        if (m.by == role::tool && style == tool_style::openai) w.field("tool_call_id", m.answers);
        if (m.by == role::tool && style == tool_style::ollama) {
            w.field("tool_name", tool_answered(request.earlier, m));
        }
        w.end_object();
    }
    if (request.asks_anew()) write_user(w, request, request.prompt, style);
    w.end_array();
}

}  // namespace lmstress::api
