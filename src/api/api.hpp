#pragma once

#include "api/chat_request.hpp"
#include "api/request_fields.hpp"
#include "lmstress/stream_event.hpp"
#include "wire/sse_parser.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::api {

/// Reads the frames of one answer into events. A new one for each answer.
class frame_decoder {
  public:
    virtual ~frame_decoder() = default;
    /// Reports what the frame says; `event::failure` for one that cannot be read.
    virtual void on_frame(const wire::sse_event& frame, event_sink& sink) = 0;
    /// The body is over, and no event::end was reported: is the answer whole without it? If so this
    /// reports the end, else a failure of the kind `truncated`.
    virtual void on_end_of_body(event_sink& sink) = 0;
    /// Nothing more is to be expected after an error frame, on this API.
    [[nodiscard]] virtual bool error_is_final() const noexcept = 0;
    /// On a WebSocket: nothing more will come for this request.
    [[nodiscard]] virtual bool closed() const noexcept { return false; }
    /// On a WebSocket: a text that the protocol wants sent back; mostly none.
    [[nodiscard]] virtual std::string take_reply() { return {}; }
};

/// How the body of an answer holds its frames.
enum class framing : std::uint8_t {
    sse,         ///< events of a text/event-stream
    ndjson,      ///< a line each
    whole,       ///< the body is the one frame
    web_socket,  ///< no body: the messages on a WebSocket that stays open
};

/// A row of the table of APIs.
struct api {
    std::string_view name;  ///< as in --api
    std::string_view path;  ///< below the server's URL
    framing body = framing::sse;
    /// How a token is sent, up to the token itself.
    std::string_view token_field = "Authorization: Bearer ";
    /// Fields that every request has beside the common ones, each with its line end.
    std::string_view fields = {};
    /// It asks models that make vectors, not those that write.
    bool embeds = false;
    /// It can be sent what was said before.
    bool takes_history = true;
    /// And what tools answered.
    bool takes_tool_results = true;
    /// The server can remember what was said before, under the id of its last answer.
    bool remembers = false;
    /// It can be told the seed of sampling.
    bool takes_seed = true;
    /// It takes MCP servers and plugins, whose tools the server calls itself.
    bool integrates = false;
    /// A prompt may have images with it.
    bool takes_images = true;
    /// And names images that the server was sent before.
    bool wants_uploads = false;
    std::string (*request_body)(const chat_request& request);
    /// Where a field of a scenario's request is no member of the body by its name.
    field_setter set_field = nullptr;
    /// On a WebSocket: the text that is sent for a body, as the so-many-th of the run.
    std::string (*message)(std::uint64_t number, const std::string& body) = nullptr;
    std::unique_ptr<frame_decoder> (*make_decoder)();
};

/// The words of --api: `auto`, and the names of the table.
inline constexpr std::array<std::string_view, 12> api_words = {"auto",
                                                               "lmstudio",
                                                               "openai-chat",
                                                               "openai-completions",
                                                               "openai-responses",
                                                               "lmstudio-v0",
                                                               "lmstudio-v0-completions",
                                                               "lmstudio-v0-embeddings",
                                                               "anthropic-messages",
                                                               "ollama",
                                                               "openai-embeddings",
                                                               "lmstudio-sdk"};

/// Every API that can be put under load.
[[nodiscard]] std::span<const api> apis() noexcept;
/// The row of that name, or null.
[[nodiscard]] const api* find_api(std::string_view name) noexcept;

/// The rows of several names, with commas between; nothing where one of them is no name.
[[nodiscard]] std::vector<const api*> find_apis(std::string_view names);

/// LM Studio's native REST v1: src/api/lmstudio.cpp.
[[nodiscard]] std::string lmstudio_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_lmstudio_decoder();
/// OpenAI's chat completions and completions, as LM Studio, llama.cpp, Ollama, vLLM and others
/// speak them, and LM Studio's REST v0: src/api/openai_bodies.cpp and, for all,
/// src/api/openai_chunks.cpp.
[[nodiscard]] std::string openai_chat_body(const chat_request& request);
[[nodiscard]] std::string openai_completions_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_openai_chunk_decoder();
/// OpenAI's responses: src/api/openai_responses.cpp.
[[nodiscard]] std::string openai_responses_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_openai_responses_decoder();
/// Anthropic's messages, as LM Studio, llama.cpp and others speak them:
/// src/api/anthropic_messages.cpp.
[[nodiscard]] std::string anthropic_messages_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_anthropic_messages_decoder();
/// Ollama's own: src/api/ollama.cpp.
[[nodiscard]] std::string ollama_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_ollama_decoder();
/// The socket of LM Studio's SDK: src/api/lmstudio_sdk.cpp.
[[nodiscard]] std::string lmstudio_sdk_body(const chat_request& request);
[[nodiscard]] std::string lmstudio_sdk_message(std::uint64_t number, const std::string& body);
[[nodiscard]] std::unique_ptr<frame_decoder> make_lmstudio_sdk_decoder();
/// OpenAI's embeddings, of the prompt and the further inputs: src/api/openai_embeddings.cpp.
[[nodiscard]] std::string openai_embeddings_body(const chat_request& request);
[[nodiscard]] std::unique_ptr<frame_decoder> make_openai_embeddings_decoder();

}  // namespace lmstress::api
