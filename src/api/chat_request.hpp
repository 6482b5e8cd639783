#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::api {

/// A picture that goes with a prompt.
struct image {
    std::string_view media_type;  ///< "image/png"
    std::string_view base64;
    /// Where the server has been sent it already, for messages to name it.
    std::string_view identifier = {};
};

/// A tool that the model asked for, and what it wants it to do.
struct tool_use {
    std::string id;  ///< the answer to it names this
    std::string name;
    std::string arguments;  ///< JSON text
};

/// One message of a conversation, before the prompt that is sent now.
struct chat_message {
    enum class role : std::uint8_t { user, assistant, tool } by;
    std::string text;
    std::vector<tool_use> calls = {};  ///< of the assistant
    std::string answers = {};          ///< of a tool: the id of the call
};

/// What a streaming chat asks for, whichever API carries it.
struct chat_request {
    std::string_view model;
    std::string_view prompt;
    std::string_view system_prompt = {};
    std::uint32_t max_tokens = 128;
    std::optional<std::uint64_t> seed = {};  ///< left out where the API has no word for it
    /// The server said that it is llama.cpp: ask for its progress and its timings as well.
    bool llama_cpp = false;
    std::span<const chat_message> earlier = {};  ///< what was said before, system prompt left out
    /// The server remembers what was said before under this id; then `earlier` is empty.
    std::string_view previous_response_id = {};
    bool store = false;  ///< ask the server to remember this answer, for a next turn
    std::span<const image> images = {};                ///< with the prompt, and with each before it
    std::span<const std::string> further_inputs = {};  ///< embedded beside the prompt
    std::span<const std::string> integrations = {};    ///< MCP servers and plugins, JSON text each

    /// A user's turn ends it; otherwise the results of tools do, and there is no prompt.
    [[nodiscard]] bool asks_anew() const noexcept { return !prompt.empty() || earlier.empty(); }
};

}  // namespace lmstress::api
