#include "sim/session.hpp"

namespace lmstress::sim {

void session::resume(instant now) {
    while (!answering_ && !over_) {
        const auto request = reader_.next();
        if (reader_.failed()) {
            over_ = true;
            return output_.hang_up();
        }
        if (!request) return;
        answering_ = true;
        streaming_ = false;
        keep_alive_ = request->keep_alive;
        output_.on_request(request->request_id);
        server_.handle(*request, *this, now);
    }
}

void session::open_stream() {
    streaming_ = true;
    send(stream_head());
}

void session::send_event(std::string_view frame, const truth& what) {
    output_.on_event(what);
    output_.write(chunk(frame));
}

void session::end() {
    if (streaming_) send(chunk(""));
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
