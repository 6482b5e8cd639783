#pragma once

#include "lmstress/error.hpp"
#include "net/timers.hpp"
#include "sim/server.hpp"
#include "sim/truth_log.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace lmstress::sim {

/// The built-in server on a loopback socket.
///
/// Object lifetimes: the context, the clock, the server and the log outlive this, and this outlives
/// the running of the context.
class tcp_server {
  public:
    /// `log` may be null.
    tcp_server(boost::asio::io_context& context, clock& time, server& s, truth_log* log);
    ~tcp_server();

    /// Binds 127.0.0.1; port 0 takes a free one. The port that it is.
    [[nodiscard]] result<std::uint16_t> listen(std::uint16_t port);
    /// Accepts until close().
    void start();
    /// Closes all connections; the context runs out of work by it.
    void close();

  private:
    class connection;
    boost::asio::awaitable<void> accept_all();
    void welcome(boost::asio::ip::tcp::socket socket);
    void arm();
    void wake();

    boost::asio::io_context& context_;
    clock& clock_;
    server& server_;
    truth_log* log_;
    boost::asio::ip::tcp::acceptor acceptor_;
    net::alarm due_;
    std::vector<std::weak_ptr<connection>> clients_;
};

}  // namespace lmstress::sim
