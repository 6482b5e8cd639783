// Anthropic's messages (POST /v1/messages), as LM Studio, llama.cpp, vLLM and others speak them
// (https://docs.anthropic.com/en/docs/build-with-claude/streaming).

#include "api/api.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <array>

namespace lmstress::api {
namespace {

namespace json = boost::json;

template <class T>
void keep(std::optional<T>& slot, const std::optional<T>& value) {
    if (value) slot = value;
}

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        // Gateways that also speak OpenAI's API append it.
        if (frame.data == "[DONE]") return;
        const json::object* o = json_.parse(frame.data);
        if (o == nullptr) {
            const bool named_error = frame.type == "error";
            return sink.on_event(event::failure{
                named_error ? classify_failure(200, frame.data) : failure_kind::bad_frame,
                frame.data});
        }
        std::string_view type = string_at(*o, "type");
        if (type.empty()) type = frame.type;
        // llama.cpp's error stands by itself, and has a type of its own.
        if (frame.type == "error" || (type.empty() && o->contains("error"))) type = "error";
        if (type == "error") {
            const std::string_view message = error_message_in(*o);
            return sink.on_event(event::failure{classify_failure(200, frame.data),
                                                message.empty() ? frame.data : message});
        }
        for (const row& known : event_types) {
            if (known.type == type) return (this->*known.read)(*o, sink);
        }
        sink.on_event(event::unknown{type});
    }

    void on_end_of_body(event_sink& sink) override {
        sink.on_event(
            event::failure{failure_kind::truncated, "the stream ended without message_stop"});
    }

    /// Neither message_delta nor message_stop follows an error.
    [[nodiscard]] bool error_is_final() const noexcept override { return true; }

  private:
    struct row {
        std::string_view type;
        void (decoder::*read)(const json::object& o, event_sink& sink);
    };
    static const std::array<row, 7> event_types;

    void message_start(const json::object& o, event_sink& sink) {
        const json::object* message = object_at(o, "message");
        if (message == nullptr) return sink.on_event(event::opened{});
        sink.on_event(event::opened{.answered_by = string_at(*message, "model")});
        const json::object* usage = object_at(*message, "usage");
        if (usage == nullptr) return;
        // Its output_tokens are a placeholder, which an answer that breaks off would keep.
        read_input(*usage);
        sink.on_event(input());
    }

    void block_start(const json::object& o, event_sink& sink) {
        const json::object* block = object_at(o, "content_block");
        if (block == nullptr) return;
        const bool tool = string_at(*block, "type").ends_with("tool_use");
        using kind = event::text::kind;
        read_text(*block, "text", kind::answer, sink);
        read_text(*block, "thinking", kind::reasoning, sink);
        // The model writes the name of a tool as it writes its arguments.
        if (tool) read_text(*block, "name", kind::tool_arguments, sink);
    }

    void block_delta(const json::object& o, event_sink& sink) {
        const json::object* delta = object_at(o, "delta");
        if (delta == nullptr) return;
        const std::string_view type = string_at(*delta, "type");
        using kind = event::text::kind;
        if (type == "text_delta") return read_text(*delta, "text", kind::answer, sink);
        if (type == "thinking_delta") return read_text(*delta, "thinking", kind::reasoning, sink);
        if (type == "input_json_delta") {
            return read_text(*delta, "partial_json", kind::tool_arguments, sink);
        }
        // A signature seals a thinking block, and a citation points: neither is generated text.
        if (type == "signature_delta" || type == "citations_delta") return;
        sink.on_event(event::unknown{type});
    }

    void message_delta(const json::object& o, event_sink& sink) {
        if (const json::object* usage = object_at(o, "usage")) {
            read_input(*usage);
            event::usage total = input();
            total.output_tokens = count_at(*usage, "output_tokens");
            sink.on_event(total);
        }
        const json::object* delta = object_at(o, "delta");
        if (delta == nullptr) return;
        if (const auto reason = string_at(*delta, "stop_reason"); !reason.empty()) {
            sink.on_event(event::finish{reason});
        }
    }

    void message_stop(const json::object&, event_sink& sink) { sink.on_event(event::end{}); }

    void boundary(const json::object&, event_sink&) {}

    static void read_text(const json::object& o, std::string_view key, event::text::kind of,
                          event_sink& sink) {
        const std::string_view content = string_at(o, key);
        if (!content.empty()) sink.on_event(event::text{of, content});
    }

    /// Counts come at the start, and on some servers again, and corrected, at the end.
    void read_input(const json::object& usage) {
        keep(uncached_, count_at(usage, "input_tokens"));
        keep(from_cache_, count_at(usage, "cache_read_input_tokens"));
        keep(into_cache_, count_at(usage, "cache_creation_input_tokens"));
    }

    /// `input_tokens` leaves out what was read from the cache or written to it.
    [[nodiscard]] event::usage input() const {
        event::usage usage{.cached_tokens = from_cache_, .cache_creation_tokens = into_cache_};
        if (uncached_) {
            usage.input_tokens = *uncached_ + from_cache_.value_or(0) + into_cache_.value_or(0);
        }
        return usage;
    }

    json_frame json_;
    std::optional<std::uint64_t> uncached_;
    std::optional<std::uint64_t> from_cache_;
    std::optional<std::uint64_t> into_cache_;
};

// The one that a stream is made of comes first.
constexpr std::array<decoder::row, 7> decoder::event_types = {{
    {"content_block_delta", &decoder::block_delta},
    {"message_start", &decoder::message_start},
    {"content_block_start", &decoder::block_start},
    {"content_block_stop", &decoder::boundary},
    {"message_delta", &decoder::message_delta},
    {"message_stop", &decoder::message_stop},
    {"ping", &decoder::boundary},
}};

/// An assistant's text and its calls of tools, a block each.
void write_assistant(wire::json_writer& w, const chat_message& m) {
    // A text without a character is refused; turns of a user that follow one another are not.
    if (m.text.empty() && m.calls.empty()) return;
    w.begin_object().field("role", "assistant").key("content");
    if (m.calls.empty()) {
        w.value(m.text).end_object();
        return;
    }
    w.begin_array();
    if (!m.text.empty()) w.begin_object().field("type", "text").field("text", m.text).end_object();
    for (const tool_use& call : m.calls) {
        w.begin_object().field("type", "tool_use").field("id", call.id).field("name", call.name);
        w.key("input").raw(call.arguments).end_object();
    }
    w.end_array().end_object();
}

/// A user's text, after the images that it is about.
void write_user(wire::json_writer& w, std::string_view text, std::span<const image> images) {
    w.begin_object().field("role", "user").key("content");
    if (images.empty()) {
        w.value(text).end_object();
        return;
    }
    w.begin_array();
    for (const image& i : images) {
        w.begin_object().field("type", "image").key("source").begin_object();
        w.field("type", "base64").field("media_type", i.media_type).field("data", i.base64);
        w.end_object().end_object();
    }
    w.begin_object().field("type", "text").field("text", text).end_object();
    w.end_array().end_object();
}

/// The results of one message's calls are blocks of one turn of the user's.
void write_earlier(wire::json_writer& w, const chat_request& request) {
    using role = chat_message::role;
    const std::span<const chat_message> earlier = request.earlier;
    for (std::size_t i = 0; i < earlier.size(); ++i) {
        const chat_message& m = earlier[i];
        if (m.by == role::assistant) write_assistant(w, m);
        if (m.by == role::user) write_user(w, m.text, request.images);
        if (m.by != role::tool) continue;
        if (i == 0 || earlier[i - 1].by != role::tool)
            w.begin_object().field("role", "user").key("content").begin_array();
        w.begin_object().field("type", "tool_result").field("tool_use_id", m.answers);
        w.field("content", m.text).end_object();
        if (i + 1 == earlier.size() || earlier[i + 1].by != role::tool) w.end_array().end_object();
    }
}

}  // namespace

std::string anthropic_messages_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().field("model", request.model).field("max_tokens", request.max_tokens);
    if (!request.system_prompt.empty()) w.field("system", request.system_prompt);
    w.key("messages").begin_array();
    write_earlier(w, request);
    if (request.asks_anew()) write_user(w, request.prompt, request.images);
    w.end_array().field("stream", true).end_object();
    return body;
}

std::unique_ptr<frame_decoder> make_anthropic_messages_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
