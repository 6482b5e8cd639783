#pragma once

#include "sim/reply.hpp"

#include <string>
#include <string_view>

namespace lmstress::sim {

/// The server's end of a WebSocket, without the socket: whole texts.
class sdk_output {
  public:
    virtual void send_text(std::string text) = 0;
    /// Bytes of frames, as they are: one write.
    virtual void send_frames(std::string bytes) = 0;
    /// Closes it once everything is sent.
    virtual void hang_up_socket() = 0;
    /// Breaks the connection off at once.
    virtual void reset_socket() = 0;
    /// An event of a prediction goes out with the next text.
    virtual void on_event(const truth& /*what*/) {}
    /// The engine has made all of an answer.
    virtual void on_answer(const answer_truth& /*what*/) {}
    /// A prediction was asked for; its id is "<channel>@sdk".
    virtual void on_request(std::string_view /*request_id*/) {}

  protected:
    ~sdk_output() = default;
};

}  // namespace lmstress::sim
