#pragma once

#include "lmstress/clock.hpp"
#include "sim/http_request.hpp"
#include "sim/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>
#include <string_view>

namespace lmstress::sim {

/// What the end of a connection does beside the WebSocket on it.
struct socket_hooks {
    std::function<void()> arm;  ///< the server may have something new to do
    std::function<void(const truth&)> on_event;
    std::function<void(const answer_truth&)> on_answer;
    std::function<void(std::string_view request_id)> on_request;
    std::function<void()> reset;  ///< breaks the connection off
};

/// Turns a connection into the SDK's WebSocket, as `request` asked, and serves it to its end.
/// Closing the socket ends it;
/// `owner` is what the socket lives in. The clock and the server outlive the operation.
[[nodiscard]] boost::asio::awaitable<void> serve_web_socket(std::shared_ptr<void> owner,
                                                            boost::asio::ip::tcp::socket& socket,
                                                            http_request request, clock& time,
                                                            server& s, socket_hooks hooks);

}  // namespace lmstress::sim
