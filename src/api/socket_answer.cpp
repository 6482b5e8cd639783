#include "api/socket_answer.hpp"

#include "api/answer.hpp"

#include <utility>

namespace lmstress::api {

namespace {

/// Of what this end sends unasked, which holds nothing but what the peer sent: the mask hides it
/// from nobody.
constexpr std::uint32_t mask_of_replies = 0x6C6D'7374;

}  // namespace

socket_answer::socket_answer(const api& which, event_sink& sink)
    : sink_(sink), decoder_(which.make_decoder()), parser_(*this) {}

void socket_answer::push(std::string_view bytes) {
    if (over()) return;
    begun_ = begun_ || !bytes.empty();
    using enum wire::web_socket_parser::status;
    switch (parser_.push(bytes)) {
        case ok:
        case closed:
            break;
        case bad_frame:
            break_off(failure_kind::bad_frame, "a frame that no WebSocket may have");
            break;
        case too_large:
            break_off(failure_kind::event_too_large, "a message of the WebSocket is over 1 MiB");
            break;
    }
}

void socket_answer::close() {
    if (over()) return;
    if (begun_) return break_off(failure_kind::truncated, "the connection ended within the answer");
    break_off(failure_kind::reset, "the server closed the connection unanswered");
}

std::string socket_answer::take_reply() {
    return std::exchange(reply_, {});
}

void socket_answer::on_message(std::string_view text) {
    if (over()) return;
    ++frames_;
    on_frame();
    decoder_->on_frame({.type = {}, .data = text}, *this);
    const std::string reply = decoder_->take_reply();
    if (reply.empty()) return;
    reply_ += wire::web_socket_frame(wire::web_socket_opcode::text, reply, mask_of_replies);
}

void socket_answer::on_ping(std::string_view payload) {
    reply_ += wire::web_socket_frame(wire::web_socket_opcode::pong, payload, mask_of_replies);
}

void socket_answer::on_close(std::uint16_t code, std::string_view reason) {
    std::string text = "the server closed the WebSocket";
    if (code != 0) text += " (" + std::to_string(code) + ')';
    if (!reason.empty()) text += ": " + std::string{reason};
    break_off(failure_kind::truncated, text);
}

void socket_answer::on_event(const stream_event& e) {
    if (settled_) return;
    if (const auto* failure = std::get_if<event::failure>(&e)) {
        if (failure->kind == failure_kind::bad_frame) broken_ = true;
        failed_ = true;
        settled_ = true;
        return sink_.on_event(event::failure{failure->kind, kept_message(failure->message)});
    }
    if (std::holds_alternative<event::end>(e)) settled_ = true;
    sink_.on_event(e);
}

/// What comes after the answer's end takes nothing from it.
void socket_answer::break_off(failure_kind kind, std::string_view message) {
    broken_ = true;
    on_event(event::failure{kind, message});
}

}  // namespace lmstress::api
