#include "sim/session.hpp"

#include "sim/sdk_session.hpp"

namespace lmstress::sim {

void session::resume(instant now) {
    while (!answering_ && !over_) {
        const auto request = reader_.next();
        if (reader_.failed()) {
            over_ = true;
            return output_.hang_up();
        }
        if (!request) return;
        if (server_.has_sdk_socket() && !request->web_socket_key.empty() &&
            is_sdk_path(request->path) && output_.upgrade(*request)) {
            over_ = true;
            return;
        }
        answering_ = true;
        streaming_ = false;
        filter_.reset();
        keep_alive_ = request->keep_alive;
        output_.on_request(request->request_id);
        server_.handle(*request, *this, now);
    }
}

void session::suffer(const mishap& what) {
    filter_.emplace(output_, what);
}

void session::send(std::string_view bytes) {
    send_bytes(dated(bytes, output_.date()));
}

void session::send_bytes(std::string_view bytes) {
    filter_ ? filter_->send(bytes) : output_.write(bytes);
}

void session::open_stream(std::string_view content_type) {
    streaming_ = true;
    send(stream_head(content_type));
}

void session::send_event(std::string_view frame, const truth& what) {
    if (filter_) return filter_->send_event(frame, what);
    output_.on_event(what);
    output_.write(chunk(frame));
}

void session::end() {
    if (filter_ && filter_->silent()) return;  // to its client it is never over
    if (streaming_) send_bytes(chunk(""));
    answering_ = false;
    if (keep_alive_) return output_.on_answered();
    over_ = true;
    output_.hang_up();
}

void session::reset() {
    answering_ = false;
    over_ = true;
    output_.reset();
}

}  // namespace lmstress::sim
