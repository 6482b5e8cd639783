#include "sim/sdk_prediction.hpp"

#include "wire/json_writer.hpp"
#include "wire/web_socket.hpp"

#include <utility>

namespace lmstress::sim {
namespace {

std::string text_frame(std::string_view text) {
    return wire::web_socket_frame(wire::web_socket_opcode::text, text);
}

}  // namespace

std::string channel_message(std::uint64_t channel, std::string_view json) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelSend").field("channelId", channel);
    w.key("message").raw(json).end_object();
    return out;
}

std::string channel_close(std::uint64_t channel) {
    std::string out;
    wire::json_writer{out}
        .begin_object()
        .field("type", "channelClose")
        .field("channelId", channel)
        .end_object();
    return out;
}

/// What goes wrong with a prediction, with what lms-shared-types/src/GenericErrorDisplayData.ts
/// wants beside some words.
std::string channel_error(std::uint64_t channel, std::string_view title) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("type", "channelError").field("channelId", channel);
    w.key("error").begin_object().field("title", title).field("rootTitle", title);
    if (title == model_unloaded) {
        w.key("displayData").begin_object().field("code", "generic.specificModelUnloaded");
        w.end_object();
    }
    w.end_object().end_object();
    return out;
}

void sdk_prediction::suffer(const mishap& what) {
    filter_.emplace(static_cast<output&>(*this), what, text_frame);
}

/// An answer that is no stream is a failure, in words.
void sdk_prediction::send(std::string_view bytes) {
    over_ = true;
    send_text(channel_error(channel_, bytes));
}

void sdk_prediction::send_event(std::string_view frame, const truth& what) {
    const std::string text = channel_message(channel_, frame);
    if (filter_) return filter_->send_event(text, what);
    to_.on_event(what);
    to_.send_text(text);
}

void sdk_prediction::end() {
    const bool silent = filter_ && filter_->silent();  // to its client it is never over
    if (!over_ && !silent) send_text(channel_close(channel_));
    over_ = true;
}

void sdk_prediction::reset() {
    over_ = true;
    to_.reset_socket();
}

void sdk_prediction::send_text(std::string text) {
    filter_ ? filter_->send(text_frame(text)) : to_.send_text(std::move(text));
}

}  // namespace lmstress::sim
