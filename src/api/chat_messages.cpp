#include "api/chat_messages.hpp"

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
    const auto message = [&](std::string_view who, std::string_view content) {
        w.begin_object().field("role", who).field("content", content).end_object();
    };
    w.field("model", request.model).key("messages").begin_array();
    if (!request.system_prompt.empty()) message("system", request.system_prompt);
    for (const chat_message& m : request.earlier) {
        w.begin_object().field("role", word_for(m.by)).field("content", m.text);
        if (!m.calls.empty()) write_calls(w, m, style);
        if (m.by == role::tool && style == tool_style::openai) w.field("tool_call_id", m.answers);
        if (m.by == role::tool && style == tool_style::ollama) {
            w.field("tool_name", tool_answered(request.earlier, m));
        }
        w.end_object();
    }
    if (request.asks_anew()) message("user", request.prompt);
    w.end_array();
}

}  // namespace lmstress::api
