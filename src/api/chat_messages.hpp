#pragma once

#include "api/api.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::api {

/// The model and the messages, system prompt first, as OpenAI and those after it have them: the
/// first fields of a body, into an object that is open.
inline void write_messages(wire::json_writer& w, const chat_request& request) {
    const auto message = [&](std::string_view role, std::string_view content) {
        w.begin_object().field("role", role).field("content", content).end_object();
    };
    w.field("model", request.model).key("messages").begin_array();
    if (!request.system_prompt.empty()) message("system", request.system_prompt);
    message("user", request.prompt);
    w.end_array();
}

}  // namespace lmstress::api
