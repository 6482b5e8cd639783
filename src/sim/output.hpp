#pragma once

#include "sim/reply.hpp"

#include <string_view>

namespace lmstress::sim {

/// The server's end of a connection, without its socket.
class output {
  public:
    virtual void write(std::string_view bytes) = 0;
    /// An event goes out with the next write: its last byte, where that is one of several.
    virtual void on_event(const truth& what) = 0;
    /// Closes the connection in good order, once everything is sent.
    virtual void hang_up() = 0;
    /// Breaks it off at once: the client's next read or write fails.
    virtual void reset() = 0;
    /// A request has been read whole, and will be handled now.
    virtual void on_request(std::string_view request_id) = 0;
    /// The answer to it is complete.
    virtual void on_answered() = 0;

  protected:
    ~output() = default;
};

}  // namespace lmstress::sim
