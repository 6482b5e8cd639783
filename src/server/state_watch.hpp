#pragma once

#include "net/timers.hpp"
#include "server/sdk_socket.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace lmstress::server {

/// What an instance is doing, by LM Studio's own word
/// (lms-shared-types/src/ModelProcessingStatus.ts, experimental there).
struct processing_state {
    std::string status;        ///< idle, processingPrompt, generating, computingEmbedding
    std::uint64_t queued = 0;  ///< requests that it has, the current one included
};

/// Asks LM Studio once a second what an instance is doing, over a socket of the SDK of its own: the
/// requests that are measured do not wait for it.
class state_watch {
  public:
    /// What `to` refers to outlives this.
    state_watch(way to, std::string instance);

    /// An error where the server does not speak this, or does not know the instance.
    [[nodiscard]] boost::asio::awaitable<result<void>> open();
    /// Until stop(), or until the server does not answer any more. After open().
    [[nodiscard]] boost::asio::awaitable<void> run(
        std::function<void(const processing_state&)> seen);
    void stop() { sleeper_.interrupt(); }

  private:
    boost::asio::awaitable<result<processing_state>> look();

    clock& time_;
    std::string instance_;
    sdk_socket sdk_;
    net::sleeper sleeper_;
};

}  // namespace lmstress::server
