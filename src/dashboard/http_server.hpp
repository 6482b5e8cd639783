#pragma once

#include "dashboard/http_message.hpp"
#include "lmstress/error.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

namespace lmstress::dashboard {

/// What one that asks may take of us. Whatever is beyond is cut off.
struct http_limits {
    std::uint32_t header_bytes = 16 * 1024;
    std::uint64_t body_bytes = 64 * 1024;
    std::size_t connections = 64;
    std::size_t streams = 16;  ///< of them, of events
    /// For a whole request, and for an answer to be taken.
    std::chrono::seconds patience{15};
    std::chrono::seconds between_signs_of_life{15};  ///< of a stream of events
};

/// A small HTTP/1.1 server for pages, data and events.
///
/// Everything happens on the thread that runs the context; the context outlives this.
class http_server {
  public:
    /// Called for each request that is well formed; what it returns is sent.
    using handler = std::function<boost::asio::awaitable<http_answer>(http_request)>;

    http_server(boost::asio::io_context& context, handler answer, http_limits limits = {});
    ~http_server();
    http_server(http_server&&) = delete;

    /// The port; 0 takes a free one.
    [[nodiscard]] result<std::uint16_t> listen(const std::string& address, std::uint16_t port);
    void start();
    /// No further connection, and those that are there are cut.
    void close();

  private:
    class connection;

    boost::asio::awaitable<void> accept_all();

    boost::asio::io_context& context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    handler answer_;
    http_limits limits_;
    /// They may outlive this, in a context that runs no more.
    std::shared_ptr<std::set<connection*>> clients_;
    std::size_t streams_ = 0;
};

}  // namespace lmstress::dashboard
