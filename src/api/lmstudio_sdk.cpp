// The protocol of LM Studio's own SDK: the channel "predict" on a WebSocket at /llm
// (https://github.com/lmstudio-ai/lmstudio-js: packages/lms-communication/src/Transport.ts,
// packages/lms-external-backend-interfaces/src/llmBackendInterface.ts,
// packages/lms-kv-config/src/schema.ts). Each fragment carries the number of its tokens.

#include "api/api.hpp"
#include "api/chat_messages.hpp"
#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lmstress::api {
namespace {

namespace json = boost::json;

/// What an error says: a title, perhaps a cause, and perhaps a code that tells its kind
/// (packages/lms-shared-types/src/Error.ts).
event::failure failure_in(const json::object* error, std::string& text) {
    if (error == nullptr) return {failure_kind::server_error, "an error without a text"};
    text = string_at(*error, "title");
    const std::string_view cause = string_at(*error, "cause");
    if (!cause.empty()) text += (text.empty() ? "" : ": ") + std::string{cause};
    const json::object* data = object_at(*error, "displayData");
    const std::string_view code = data == nullptr ? std::string_view{} : string_at(*data, "code");
    constexpr std::array absent = {"generic.noModelMatchingQuery", "generic.pathNotFound",
                                   "generic.identifierNotFound"};
    for (const char* known : absent) {
        if (code == known) return {failure_kind::model_not_found, text};
    }
    if (code == "generic.specificModelUnloaded") return {failure_kind::model_unloaded, text};
    const failure_kind kind = classify_failure(0, text);
    return {kind, text.empty() ? "an error without a text" : std::string_view{text}};
}

class decoder final : public frame_decoder {
  public:
    void on_frame(const wire::sse_event& frame, event_sink& sink) override {
        const json::object* o = json_.parse(frame.data);
        if (o == nullptr) return sink.on_event(event::failure{failure_kind::bad_frame, frame.data});
        const std::string_view type = string_at(*o, "type");
        if (type == "channelSend") {
            acknowledge(*o);
            const json::object* message = object_at(*o, "message");
            if (message != nullptr) return take(*message, sink);
        } else if (type == "channelClose") {
            closed_ = true;
            if (!ended_) {
                sink.on_event(
                    event::failure{failure_kind::truncated, "the channel ended without a result"});
            }
        } else if (type == "channelError") {
            closed_ = true;
            std::string text;
            sink.on_event(failure_in(object_at(*o, "error"), text));
        } else if (type != "channelAck" && type != "keepAliveAck" &&
                   type != "communicationWarning") {
            sink.on_event(event::unknown{type});
        }
    }

    void on_end_of_body(event_sink& sink) override {
        sink.on_event(event::failure{failure_kind::truncated, "the socket ended"});
    }
    [[nodiscard]] bool error_is_final() const noexcept override { return true; }
    [[nodiscard]] bool closed() const noexcept override { return closed_; }
    [[nodiscard]] std::string take_reply() override { return std::exchange(reply_, {}); }

  private:
    void acknowledge(const json::object& o) {
        const auto ack = count_at(o, "ackId");
        const auto channel = count_at(o, "channelId");
        if (!ack || !channel) return;
        wire::json_writer w{reply_};
        w.begin_object().field("type", "channelAck").field("channelId", *channel);
        w.field("ackId", *ack).end_object();
    }

    void take(const json::object& m, event_sink& sink) {
        const std::string_view type = string_at(m, "type");
        if (type == "fragment") return fragment(object_at(m, "fragment"), sink);
        if (type == "promptProcessingProgress") return progress(m, sink);
        // The model writes the name of a tool as it writes its arguments.
        if (type == "toolCallGenerationNameReceived") return call(string_at(m, "name"), sink);
        if (type == "toolCallGenerationArgumentFragmentGenerated") {
            return call(string_at(m, "content"), sink);
        }
        if (type == "success") return success(m, sink);
        // Boundaries of a tool call that the model makes.
        if (type.starts_with("toolCallGeneration")) return;
        sink.on_event(event::unknown{type});
    }

    static void call(std::string_view piece, event_sink& sink) {
        sink.on_event(event::text{event::text::kind::tool_arguments, piece});
    }

    void fragment(const json::object* f, event_sink& sink) {
        if (f == nullptr) return;
        const auto tokens = count_at(*f, "tokensCount");
        const std::string_view content = string_at(*f, "content");
        if (tokens) tokens_ += *tokens;
        if (content.empty() && tokens.value_or(0) == 0) return;
        const std::string_view reasoning = string_at(*f, "reasoningType");
        const bool thinks = !reasoning.empty() && reasoning != "none";
        sink.on_event(
            event::text{.of = thinks ? event::text::kind::reasoning : event::text::kind::answer,
                        .content = content,
                        .tokens_so_far = tokens ? std::optional{tokens_} : std::nullopt});
    }

    /// Where the first of them is not 0, when the prompt was taken up is not known.
    void progress(const json::object& m, event_sink& sink) {
        using step = event::prefill_progress::step;
        const auto fraction = number_at(m, "progress");
        event::prefill_progress e{.at = step::progress, .fraction = fraction};
        if (fraction == 0.0) e.at = step::start;
        if (fraction.value_or(0) >= 1) e.at = step::end;
        if (const json::object* d = object_at(m, "details")) {
            e.total = count_at(*d, "totalPromptTokenCount");
            e.cached = count_at(*d, "cachedTokenCount");
            const auto processed = count_at(*d, "processedPromptTokenCount");
            if (processed) e.done = *processed + e.cached.value_or(0);
        }
        sink.on_event(e);
    }

    void success(const json::object& m, event_sink& sink) {
        if (const json::object* info = object_at(m, "modelInfo")) {
            sink.on_event(event::opened{.answered_by = string_at(*info, "identifier")});
        }
        if (const json::object* stats = object_at(m, "stats")) {
            sink.on_event(event::usage{.input_tokens = count_at(*stats, "promptTokensCount"),
                                       .output_tokens = count_at(*stats, "predictedTokensCount")});
            sink.on_event(
                event::server_stats{.ttft_seconds = number_at(*stats, "timeToFirstTokenSec"),
                                    .tokens_per_second = number_at(*stats, "tokensPerSecond")});
            draft(*stats, sink);
            const std::string_view reason = string_at(*stats, "stopReason");
            sink.on_event(event::finish{reason});
            if (reason == "modelUnloaded" || reason == "failed") {
                const bool unloaded = reason == "modelUnloaded";
                sink.on_event(event::failure{
                    unloaded ? failure_kind::model_unloaded : failure_kind::engine_failed,
                    unloaded ? "the model was unloaded" : "the prediction failed"});
            }
        }
        ended_ = true;
        sink.on_event(event::end{});
    }

    static void draft(const json::object& stats, event_sink& sink) {
        const auto total = count_at(stats, "totalDraftTokensCount");
        if (!total) return;
        sink.on_event(
            event::draft_stats{.total = *total,
                               .accepted = count_at(stats, "acceptedDraftTokensCount").value_or(0),
                               .rejected = count_at(stats, "rejectedDraftTokensCount").value_or(0),
                               .ignored = count_at(stats, "ignoredDraftTokensCount").value_or(0),
                               .model = string_at(stats, "usedDraftModelKey")});
    }

    json_frame json_;
    std::string reply_;
    std::uint64_t tokens_ = 0;
    bool ended_ = false;
    bool closed_ = false;
};

void begin_message(wire::json_writer& w, std::string_view role) {
    w.begin_object().field("role", role).key("content").begin_array();
}

void end_message(wire::json_writer& w) {
    w.end_array().end_object();
}

void write_text(wire::json_writer& w, std::string_view text) {
    w.begin_object().field("type", "text").field("text", text).end_object();
}

void write_message(wire::json_writer& w, std::string_view role, std::string_view text) {
    begin_message(w, role);
    write_text(w, text);
    end_message(w);
}

/// What base64 text holds.
std::size_t bytes_in(std::string_view base64) {
    const auto padding = std::count(base64.begin(), base64.end(), '=');
    return base64.size() / 4 * 3 - static_cast<std::size_t>(padding);
}

/// What a user says, and the files that it is about.
void write_user(wire::json_writer& w, const chat_request& request, std::string_view text) {
    begin_message(w, "user");
    write_text(w, text);
    for (const image& i : request.images) {
        const std::size_t slash = i.media_type.find('/') + 1;
        w.begin_object().field("type", "file");
        w.field("name", std::string{"image."}.append(i.media_type.substr(slash)));
        w.field("identifier", i.identifier).field("sizeBytes", bytes_in(i.base64));
        w.field("fileType", "image").end_object();
    }
    end_message(w);
}

/// An assistant's text and its calls of tools, a part each.
void write_assistant(wire::json_writer& w, const chat_message& m) {
    begin_message(w, "assistant");
    if (!m.text.empty() || m.calls.empty()) write_text(w, m.text);
    for (const tool_use& call : m.calls) {
        w.begin_object().field("type", "toolCallRequest").key("toolCallRequest").begin_object();
        w.field("id", call.id).field("type", "function").field("name", call.name);
        w.key("arguments").raw(call.arguments).end_object().end_object();
    }
    end_message(w);
}

/// The results of one message's calls are parts of one message.
void write_results(wire::json_writer& w, std::span<const chat_message> earlier, std::size_t& i) {
    begin_message(w, "tool");
    for (; i < earlier.size() && earlier[i].by == chat_message::role::tool; ++i) {
        const chat_message& m = earlier[i];
        w.begin_object().field("type", "toolCallResult").field("content", m.text);
        w.field("toolCallId", m.answers).field("name", tool_answered(earlier, m)).end_object();
    }
    end_message(w);
}

void write_history(wire::json_writer& w, const chat_request& request) {
    using role = chat_message::role;
    const std::span<const chat_message> earlier = request.earlier;
    w.key("history").begin_object().key("messages").begin_array();
    if (!request.system_prompt.empty()) write_message(w, "system", request.system_prompt);
    for (std::size_t i = 0; i < earlier.size();) {
        if (earlier[i].by == role::tool) {
            write_results(w, earlier, i);
            continue;
        }
        if (earlier[i].by == role::user) write_user(w, request, earlier[i].text);
        if (earlier[i].by == role::assistant) write_assistant(w, earlier[i]);
        ++i;
    }
    if (request.asks_anew()) write_user(w, request, request.prompt);
    w.end_array().end_object();
}

/// A number that may be switched off.
void write_checked(wire::json_writer& w, std::string_view key, std::uint64_t value) {
    w.begin_object().field("key", key).key("value").begin_object().field("checked", true);
    w.field("value", value).end_object().end_object();
}

}  // namespace

std::string lmstudio_sdk_body(const chat_request& request) {
    std::string body;
    wire::json_writer w{body};
    w.begin_object().key("modelSpecifier").begin_object().field("type", "query");
    w.key("query").begin_object().field("identifier", request.model).end_object().end_object();
    write_history(w, request);
    w.key("predictionConfigStack").begin_object().key("layers").begin_array().begin_object();
    w.field("layerName", "apiOverride").key("config").begin_object().key("fields").begin_array();
    write_checked(w, "llm.prediction.maxPredictedTokens", request.max_tokens);
    if (request.seed) write_checked(w, "llm.prediction.seed", *request.seed);
    w.end_array().end_object().end_object().end_array().end_object().end_object();
    return body;
}

std::string lmstudio_sdk_message(std::uint64_t number, const std::string& body) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelCreate").field("endpoint", "predict");
    w.field("channelId", number).key("creationParameter").raw(body).end_object();
    return out;
}

std::unique_ptr<frame_decoder> make_lmstudio_sdk_decoder() {
    return std::make_unique_for_overwrite<decoder>();
}

}  // namespace lmstress::api
