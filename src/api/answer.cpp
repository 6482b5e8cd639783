#include "api/answer.hpp"

#include "api/failure_text.hpp"
#include "api/json_frame.hpp"
#include "api/socket_answer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace lmstress::api {
namespace {

constexpr std::size_t kept_error = 65'536;
constexpr std::size_t largest_whole_body = 64 * 1024 * 1024;  // vectors, in digits

/// A server may stream under a wrong content type, or none. Nothing while too little has come to
/// tell.
std::optional<bool> looks_like_stream(std::string_view body) {
    for (const std::string_view field : {"data:", "event:", ":"}) {
        if (body.starts_with(field)) return true;
        if (field.starts_with(body)) return std::nullopt;
    }
    return false;
}

}  // namespace

std::string_view kept_message(std::string_view message) {
    constexpr std::size_t most = 500;
    if (message.size() <= most) return message;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80) --end;
    return message.substr(0, end);
}

std::unique_ptr<answer_reader> make_reader(const api& which, event_sink& sink) {
    if (which.body == framing::web_socket) return std::make_unique<socket_answer>(which, sink);
    return std::make_unique<answer>(which, sink);
}

answer::answer(const api& which, event_sink& sink)
    : sink_(sink), framing_(which.body), decoder_(which.make_decoder()), http_(*this) {}

std::size_t answer::kept_body() const noexcept {
    const bool wanted = framing_ == framing::whole && head_.status == 200;
    return wanted ? largest_whole_body : kept_error;
}

bool answer::over() const noexcept {
    return broken_ || http_.state() != wire::http_response::status::need_more;
}

void answer::push(std::string_view bytes) {
    if (!over()) after_http(http_.push(bytes));
}

void answer::close() {
    if (over()) return;
    if (http_.begun()) return after_http(http_.finish());
    broken_ = true;
    fail(failure_kind::reset, "the server closed the connection unanswered");
}

void answer::after_http(wire::http_response::status status) {
    using enum wire::http_response::status;
    switch (status) {
        case need_more:
            break;
        case complete:
            on_message_complete();
            break;
        case not_http:
            fail(failure_kind::not_http, "the answer is not HTTP/1.1");
            break;
        case header_too_large:
            fail(failure_kind::not_http, "the header is over 64 KiB");
            break;
        case truncated:
            if (!settled_) fail(failure_kind::truncated, "the connection ended within the answer");
            break;
    }
}

void answer::on_head(const wire::http_head& head) {
    head_ = head;
    if (head.status != 200 || framing_ == framing::whole) {
        kind_ = body_kind::whole;
    } else if (framing_ == framing::ndjson) {
        kind_ = body_kind::stream;
    } else if (head.content_type.starts_with("text/event-stream")) {
        kind_ = body_kind::stream;
    }
}

void answer::on_body(std::string_view piece) {
    if (broken_ || piece.empty()) return;
    std::string begun;
    if (kind_ == body_kind::unknown) {
        begun = std::exchange(body_, {}).append(piece);
        piece = begun;
        const auto stream = looks_like_stream(piece);
        if (stream) kind_ = *stream ? body_kind::stream : body_kind::whole;
    }
    if (kind_ != body_kind::stream) {
        body_.append(piece.substr(0, kept_body() - std::min(kept_body(), body_.size())));
        return;
    }
    if (push_frames(piece)) return;
    broken_ = true;
    fail(failure_kind::event_too_large, "an event of the stream is over 1 MiB");
}

/// False where a frame is too large.
bool answer::push_frames(std::string_view piece) {
    if (framing_ == framing::ndjson) {
        return lines_.push(piece, *this) == wire::line_parser::status::ok;
    }
    return sse_.push(piece, *this) == wire::sse_parser::status::ok;
}

void answer::on_sse_event(const wire::sse_event& e) {
    if (broken_ || ended_ || (failed_ && decoder_->error_is_final())) return;
    ++frames_;
    on_frame();
    // Some servers send an event without data to keep the connection alive.
    if (e.data.empty()) return;
    if (const auto known = last_.read(e)) return sink_.on_event(*known);
    last_.forget();
    frame_ = &e;
    events_in_frame_ = 0;
    decoder_->on_frame(e, *this);
    frame_ = nullptr;
    if (events_in_frame_ != 1) last_.forget();
}

void answer::on_event(const stream_event& e) {
    ++events_in_frame_;
    const auto* text = std::get_if<event::text>(&e);
    if (text != nullptr && frame_ != nullptr) last_.learn(*frame_, *text);
    if (const auto* failure = std::get_if<event::failure>(&e)) {
        if (failure->kind == failure_kind::bad_frame) broken_ = true;
        if (failure->kind == failure_kind::bad_frame || decoder_->error_is_final()) settled_ = true;
        // The rest of a stream that lost a frame would be counted as if it were whole.
        const bool first = !failed_;
        failed_ = true;
        if (first) {
            sink_.on_event(event::failure{failure->kind, kept_message(failure->message)});
        }
        return;
    }
    if (std::holds_alternative<event::end>(e)) {
        ended_ = true;
        settled_ = true;
    }
    sink_.on_event(e);
}

void answer::on_message_complete() {
    if (settled_ || reported_end_of_body_) return;
    reported_end_of_body_ = true;
    if (head_.status == 200 && (kind_ == body_kind::stream || framing_ == framing::whole)) {
        on_end_of_frames();
    } else {
        read_whole_body();
    }
    settled_ = true;
}

void answer::on_end_of_frames() {
    if (framing_ == framing::ndjson) lines_.finish(*this);
    if (framing_ == framing::whole) on_line(body_);
    if (!settled_) decoder_->on_end_of_body(*this);
}

/// JSON or HTML where a stream was asked for: an error that says which, or an answer that nobody
/// could have watched coming.
void answer::read_whole_body() {
    json_frame json;
    const auto* o = json.parse(body_);
    const auto* error = o != nullptr ? o->if_contains("error") : nullptr;
    const bool says_error = error != nullptr && !error->is_null();
    std::string_view message = o != nullptr ? error_message_in(*o) : std::string_view{};
    if (message.empty()) message = body_.empty() ? "an empty body" : std::string_view{body_};
    // Below 400 nothing says that the request was refused; it was just not answered as asked.
    const bool refused = says_error || head_.status >= 400;
    fail(refused ? classify_failure(head_.status, body_) : failure_kind::not_a_stream, message);
}

void answer::fail(failure_kind kind, std::string_view message) {
    settled_ = true;
    if (failed_) return;
    failed_ = true;
    sink_.on_event(event::failure{kind, kept_message(message)});
}

}  // namespace lmstress::api
