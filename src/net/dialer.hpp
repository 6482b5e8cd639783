#pragma once

#include "net/stream.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::net {

/// One host and port, and the addresses that they were found to have: looked up once, shared by all
/// connections, the one that answered last first.
struct destination {
    std::string host;
    std::string port;
    std::vector<boost::asio::ip::tcp::endpoint> addresses = {};
};

/// Makes one TCP connection: looks the name up and tries each of its addresses in turn.
class dialer {
  public:
    /// `to` outlives this.
    dialer(boost::asio::any_io_executor executor, destination& to);

    /// Called once. On success take() has the socket.
    [[nodiscard]] boost::asio::awaitable<connect_result> dial();
    [[nodiscard]] boost::asio::ip::tcp::socket take() { return std::move(*socket_); }
    /// Of the connection that is being made, or could not be.
    [[nodiscard]] std::optional<connection_figures> counted() noexcept;
    /// Ends what dial() waits for, with an error.
    void cancel() noexcept;

  private:
    boost::asio::any_io_executor executor_;
    destination& to_;
    boost::asio::ip::tcp::resolver resolver_;
    std::optional<boost::asio::ip::tcp::socket> socket_;
    bool cancelled_ = false;
};

}  // namespace lmstress::net
