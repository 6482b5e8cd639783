#pragma once

#include "net/stream.hpp"
#include "net/timers.hpp"

#include <deque>
#include <string>
#include <vector>

namespace test {

/// What a scripted server does on one connection once a request has come, step by step.
struct step {
    enum class kind { send, close, reset, silence } what = kind::send;
    lmstress::nanoseconds after{0};  ///< since the step before
    std::string bytes = {};
};

/// A connection: for each request on it a script, and how connecting goes.
struct scripted_connection {
    std::vector<std::vector<step>> answers;
    std::optional<lmstress::failure_kind> refuses = {};
    /// What the kernel counts with each request that is written.
    std::optional<lmstress::connection_figures> counts = {};
    lmstress::nanoseconds connects_after{0};
    std::uint32_t connect_retransmits = 0;  ///< that it counts by then, and while it connects
};

/// Connections that follow a script, in the time of their clock. One more than there are scripts is
/// refused.
class scripted_transport final : public lmstress::net::transport {
  public:
    scripted_transport(lmstress::clock& time, std::vector<scripted_connection> connections)
        : clock_(time), connections_(connections.begin(), connections.end()) {}

    std::unique_ptr<lmstress::net::byte_stream> open() override;

    int opened = 0;
    std::vector<std::string> requests;  ///< heads and bodies as they were written

  private:
    friend class scripted_stream;
    lmstress::clock& clock_;
    std::deque<scripted_connection> connections_;
};

/// `body` as one chunk of a streamed answer; the head comes with the first one.
std::string stream_head();
std::string chunk(const std::string& body);

}  // namespace test
