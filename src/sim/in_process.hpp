#pragma once

#include "net/stream.hpp"
#include "net/timers.hpp"
#include "sim/session.hpp"

#include <deque>
#include <functional>
#include <string>

namespace lmstress::sim {

/// Connections to a simulated server in the same process: what the server sends at a time arrives
/// at that time. With a virtual clock the whole way, from HTTP to the record, runs exactly and at
/// once.
class in_process_transport final : public net::transport {
  public:
    /// Called with each event that the server sends, at the time of its arrival.
    using watcher = std::function<void(const truth&)>;

    /// All of them outlive this.
    in_process_transport(clock& time, server& s, watcher w = {});

    [[nodiscard]] std::unique_ptr<net::byte_stream> open() override;

  private:
    friend class in_process_stream;
    void arm();
    void wake();

    clock& clock_;
    server& server_;
    watcher watch_;
    net::alarm due_;
};

}  // namespace lmstress::sim
