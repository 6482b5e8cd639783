#pragma once

#include "net/stream.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <vector>

namespace lmstress::net {

/// Reads a TCP socket so that no byte loses the time at which it arrived: by the kernel's receive
/// time where the platform has one, else by the clock right after the read.
class timed_socket {
  public:
    using socket = boost::asio::ip::tcp::socket;

    explicit timed_socket(socket s, bool quick_ack);

    /// Waits for bytes and reads them. A time before `not_before` is the kernel's mistake or ours
    /// and is replaced by the clock's.
    [[nodiscard]] boost::asio::awaitable<stamped_bytes> read(std::span<char> buffer,
                                                             instant not_before);
    [[nodiscard]] boost::asio::awaitable<error_code> write(std::string_view head,
                                                           std::string_view body);
    void close() noexcept;
    [[nodiscard]] socket& raw() noexcept { return socket_; }

  private:
    void acknowledge(instant now) noexcept;

    socket socket_;
    bool quick_ack_;
    bool kernel_times_;
    instant acknowledged_at_{};
};

struct tcp_options {
    std::string host;
    std::string port;
    bool quick_ack = true;
};

/// TCP connections to one host. Its addresses are looked up once; each is tried in turn, the one
/// that answered last first.
class tcp_transport final : public transport {
  public:
    tcp_transport(boost::asio::any_io_executor executor, tcp_options options)
        : executor_(std::move(executor)), options_(std::move(options)) {}

    [[nodiscard]] std::unique_ptr<byte_stream> open() override;

  private:
    friend class tcp_stream;
    boost::asio::any_io_executor executor_;
    tcp_options options_;
    std::vector<boost::asio::ip::tcp::endpoint> addresses_;
};

}  // namespace lmstress::net
