#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "net/stream.hpp"
#include "net/url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <memory>
#include <string>

namespace lmstress::server {

/// A WebSocket to LM Studio as its SDK opens one, plain or TLS as the transport is. One operation
/// at a time; after one that failed for another reason than the server's own, it is of no more use.
///
/// Errors: `unreachable` where nothing comes in time or the connection breaks, `not_understood`
/// where the server does not speak this, `unauthorized` where it refuses us, `model_not_there` for
/// what the server itself says against a call.
class sdk_socket {
  public:
    /// All of them outlive this.
    sdk_socket(clock& time, net::transport& transport, const net::endpoint& at,
               const target_settings& target);
    ~sdk_socket();
    sdk_socket(sdk_socket&&) = delete;

    /// Connects to a namespace of the SDK ("llm", "system") and is admitted, within `patience`.
    [[nodiscard]] boost::asio::awaitable<result<void>> open(std::string name_space,
                                                            nanoseconds patience);
    /// Calls an endpoint; what it returns.
    [[nodiscard]] boost::asio::awaitable<result<boost::json::value>> call(
        std::string endpoint, boost::json::value parameter, nanoseconds patience);
    /// Opens a channel and reads its messages until one of the type "success", which is returned.
    /// `patience` is for the time between two of them. `on_progress` takes 0 to 1, and may
    /// be empty.
    [[nodiscard]] boost::asio::awaitable<result<boost::json::value>> run_channel(
        std::string endpoint, boost::json::value parameter, nanoseconds patience,
        std::function<void(double)> on_progress);

  private:
    class shell;
    std::unique_ptr<shell> shell_;
};

}  // namespace lmstress::server
