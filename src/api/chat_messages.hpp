#pragma once

#include "api/chat_request.hpp"

#include <cstdint>

namespace lmstress::wire {
class json_writer;
}

namespace lmstress::api {

/// How an API writes down calls of tools and their results.
enum class tool_style : std::uint8_t {
    openai,  ///< arguments as text, results by the id of their call
    ollama,  ///< arguments as an object, results by the name of their tool
};

/// The model and the messages, system prompt first, as OpenAI and those after it have them: the
/// first fields of a body, into an object that is open.
void write_messages(wire::json_writer& w, const chat_request& request, tool_style style);

/// The name of the tool whose call a result of `earlier` answers.
[[nodiscard]] std::string_view tool_answered(std::span<const chat_message> earlier,
                                             const chat_message& result);

}  // namespace lmstress::api
