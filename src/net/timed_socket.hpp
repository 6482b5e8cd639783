#pragma once

#include "net/ready_sockets.hpp"
#include "net/stream.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace lmstress::net {

/// Reads a TCP socket so that no byte loses the time at which it arrived: by the kernel's receive
/// time where the platform has one, else by the clock right after the read. Bytes that arrived and
/// could not be read before a lost segment came again have the clock's as well: what they waited
/// for was the network, and not this client.
class timed_socket {
  public:
    using socket = boost::asio::ip::tcp::socket;

    timed_socket(socket s, const socket_use& use);

    /// Waits for bytes and reads them. A time before `not_before` is the kernel's mistake or ours
    /// and is replaced by the clock's. `buffer` outlives the operation.
    [[nodiscard]] boost::asio::awaitable<stamped_bytes> read(std::span<char> buffer,
                                                             instant not_before);
    /// Both in one gather write. The views outlive the operation.
    [[nodiscard]] boost::asio::awaitable<error_code> write(std::string_view head,
                                                           std::string_view body);
    /// Reads what is there now; nothing where that is nothing.
    [[nodiscard]] std::optional<stamped_bytes> read_now(std::span<char> buffer, instant not_before);
    /// Writes as much as the socket takes now, and says how much that was.
    [[nodiscard]] std::size_t write_now(std::string_view head, std::string_view body,
                                        error_code& ec) noexcept;
    /// Waits until it takes more. Somebody else may wait to read.
    [[nodiscard]] boost::asio::awaitable<error_code> wait_to_write();
    [[nodiscard]] bool has_unread() noexcept;
    [[nodiscard]] bool closed_by_peer() noexcept;

    [[nodiscard]] std::optional<connection_figures> counted() noexcept;
    void close() noexcept;
    /// By a reset: what was not sent is forgotten.
    void reset() noexcept;
    /// Whoever writes by Asio says so.
    void wrote() noexcept { acknowledge_again_ = instant{}; }
    /// As Asio knows it, for those who read and write by Asio and none of the above.
    [[nodiscard]] socket& raw() noexcept;
    [[nodiscard]] const socket& raw() const noexcept { return socket_; }

  private:
    void enter_ready_sockets();
    [[nodiscard]] int native() noexcept;
    void acknowledge(instant now) noexcept;
    [[nodiscard]] bool waited_for_lost_ones(nanoseconds age) noexcept;

    socket socket_;                // empty while it is there:
    ready_sockets::member ready_;  // from the first use on, where the system has such a set
    bool in_use_ = false;
    bool quick_ack_;
    bool kernel_times_;
    bool may_lose_;  ///< segments on their way; not over loopback
    std::uint32_t out_of_order_ = 0;
    instant acknowledge_again_{};
};

}  // namespace lmstress::net
