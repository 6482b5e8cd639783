#include "api/socket_opening.hpp"

#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::api {

namespace {

constexpr std::size_t largest_head = 65'536;
constexpr std::size_t kept_body = 4'096;
constexpr std::uint32_t mask = 0x6C6D'7374;  // it need not be a secret: it hides nothing
// packages/lms-client/src/LMStudioClient.ts.
constexpr std::string_view guest = "guest:lmstress";

}  // namespace

std::string sdk_greeting(std::string_view api_token) {
    constexpr std::string_view prefix = "sk-lm-";
    std::string_view name = guest;
    std::string_view key = "lmstress";
    const std::size_t colon = api_token.find(':');
    if (api_token.starts_with(prefix) && colon != std::string_view::npos) {
        name = api_token.substr(prefix.size(), colon - prefix.size());
        key = api_token.substr(colon + 1);
    }
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("authVersion", 1).field("clientIdentifier", name);
    w.field("clientPasskey", key).end_object();
    return out;
}

std::string sdk_refusal(std::string_view said, std::string_view greeting) {
    const bool as_guest = greeting.find(guest) != std::string_view::npos;
    std::string out = "the SDK's socket refuses us";
    if (!said.empty()) out += ": " + std::string{said};
    if (as_guest) out += " (it wants an API token of the form sk-lm-NAME:KEY, and was given none)";
    return out;
}

socket_opening::socket_opening(std::string greeting)
    : greeting_(std::move(greeting)), refusal_(*this), parser_(*this) {}

std::string socket_opening::push(std::string_view bytes) {
    if (over()) return {};
    if (refused_) {
        refusal_.push(bytes);
        read_refusal();
    } else if (upgraded_) {
        if (parser_.push(bytes) > wire::web_socket_parser::status::closed) {
            fail(failure_kind::bad_frame, "a frame that no WebSocket may have");
        }
    } else {
        received_ += bytes;
        const std::size_t end = received_.find("\r\n\r\n");
        if (end != std::string::npos) return after_head(end + 4);
        if (received_.size() > largest_head) {
            fail(failure_kind::not_http, "the header is over 64 KiB");
        }
    }
    return std::exchange(reply_, {});
}

std::string socket_opening::after_head(std::size_t end) {
    upgraded_ = received_.starts_with("HTTP/1.1 101");
    const std::string all = std::exchange(received_, {});
    if (upgraded_) {
        status_ = 101;
        const std::string more = push(std::string_view{all}.substr(end));
        return wire::web_socket_frame(wire::web_socket_opcode::text, greeting_, mask) + more;
    }
    refused_ = true;
    return push(all);
}

void socket_opening::close() {
    if (over()) return;
    if (refused_) {
        refusal_.finish();
        read_refusal();
    }
    const bool heard = upgraded_ || !received_.empty();
    if (heard) fail(failure_kind::truncated, "the connection ended while it was opened");
    fail(failure_kind::reset, "the server closed the connection unanswered");
}

void socket_opening::read_refusal() {
    if (refusal_.state() == wire::http_response::status::need_more) return;
    if (status_ == 0) return fail(failure_kind::not_http, "the answer is not HTTP/1.1");
    json_frame json;
    const auto* o = json.parse(body_);
    const std::string_view said = o == nullptr ? std::string_view{} : error_message_in(*o);
    fail(classify_failure(status_, body_),
         "the server opens no WebSocket: " + (said.empty() ? body_ : std::string{said}));
}

void socket_opening::on_body(std::string_view piece) {
    body_.append(piece.substr(0, kept_body - std::min(kept_body, body_.size())));
}

/// packages/lms-communication/src/authentication.ts.
void socket_opening::on_message(std::string_view text) {
    if (over()) return;
    json_frame json;
    const auto* o = json.parse(text);
    const auto* success = o == nullptr ? nullptr : o->if_contains("success");
    if (success == nullptr || !success->is_bool()) {
        return fail(failure_kind::bad_frame, "what answers is not LM Studio's SDK");
    }
    admitted_ = success->get_bool();
    if (admitted_) return;
    fail(failure_kind::unauthorized, sdk_refusal(string_at(*o, "error"), greeting_));
}

void socket_opening::on_ping(std::string_view payload) {
    reply_ += wire::web_socket_frame(wire::web_socket_opcode::pong, payload, mask);
}

void socket_opening::on_close(std::uint16_t, std::string_view reason) {
    fail(failure_kind::truncated,
         "the server closed the WebSocket before it was open: " + std::string{reason});
}

void socket_opening::fail(failure_kind kind, std::string message) {
    if (!over()) failed_ = failure{kind, std::move(message)};
}

}  // namespace lmstress::api
