#pragma once

#include "sim/output.hpp"
#include "sim/sdk_session.hpp"
#include "wire/web_socket.hpp"

#include <string_view>

namespace lmstress::sim {

/// The server's end of a WebSocket in the same process: bytes in, bytes out, without a socket. The
/// one on a real socket is Beast's (web_socket.hpp), so that two hold what the client sends.
class frame_socket final : sdk_output, wire::web_socket_sink {
  public:
    /// Agrees to the WebSocket at `path`. Both outlive this.
    frame_socket(server& s, output& to, std::string_view path)
        : output_(to),
          session_(s, static_cast<sdk_output&>(*this), path),
          parser_(*this, wire::web_socket_parser::sender::client) {
        // Nobody here checks Sec-WebSocket-Accept.
        output_.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\n\r\n");
    }

    void push(std::string_view bytes, instant now) {
        now_ = now;
        parser_.push(bytes);
    }

  private:
    void send_text(std::string text) override {
        output_.write(wire::web_socket_frame(wire::web_socket_opcode::text, text));
    }
    void send_frames(std::string bytes) override { output_.write(bytes); }
    void hang_up_socket() override { output_.hang_up(); }
    void reset_socket() override { output_.reset(); }
    void on_event(const truth& what) override { output_.on_event(what); }
    void on_answer(const answer_truth& what) override { output_.on_answer(what); }
    void on_request(std::string_view id) override { output_.on_request(id); }
    void on_message(std::string_view text) override { session_.take(text, now_); }
    void on_ping(std::string_view payload) override {
        output_.write(wire::web_socket_frame(wire::web_socket_opcode::pong, payload));
    }
    void on_close(std::uint16_t, std::string_view) override { output_.hang_up(); }

    output& output_;
    sdk_session session_;
    wire::web_socket_parser parser_;
    instant now_{};
};

}  // namespace lmstress::sim
