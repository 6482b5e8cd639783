#pragma once

#include "lmstress/clock.hpp"
#include "sim/http_request.hpp"
#include "sim/server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <memory>

namespace lmstress::sim {

/// Turns a connection into the SDK's WebSocket, as `request` asked, and serves it to its end.
/// `arm` is called whenever the server may have something new to do. Closing the socket ends it;
/// `owner` is what the socket lives in. The clock and the server outlive the operation.
[[nodiscard]] boost::asio::awaitable<void> serve_web_socket(std::shared_ptr<void> owner,
                                                            boost::asio::ip::tcp::socket& socket,
                                                            http_request request, clock& time,
                                                            server& s, std::function<void()> arm);

}  // namespace lmstress::sim
