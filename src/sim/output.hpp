#pragma once

#include "sim/http_request.hpp"
#include "sim/reply.hpp"

#include <string>
#include <string_view>

namespace lmstress::sim {

/// The server's end of a connection, without its socket.
class output {
  public:
    virtual void write(std::string_view bytes) = 0;
    /// The time of day as HTTP writes it (RFC 9110, 5.6.7); empty where it is not to be told.
    virtual std::string date() { return {}; }
    /// An event goes out with the next write: its last byte, where that is one of several.
    virtual void on_event(const truth& what) = 0;
    /// The engine has made all of an answer.
    virtual void on_answer(const answer_truth& /*what*/) {}
    /// Closes the connection in good order, once everything is sent.
    virtual void hang_up() = 0;
    /// Breaks it off at once: the client's next read or write fails.
    virtual void reset() = 0;
    /// A request has been read whole, and will be handled now.
    virtual void on_request(std::string_view request_id) = 0;
    /// The connection becomes a WebSocket; nothing more is heard of the session. False where this
    /// end has none.
    virtual bool upgrade(const http_request& /*request*/) { return false; }
    /// The answer to it is complete.
    virtual void on_answered() = 0;

  protected:
    ~output() = default;
};

}  // namespace lmstress::sim
