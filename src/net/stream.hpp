#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/outcome.hpp"
#include "lmstress/request_record.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lmstress::net {

using boost::system::error_code;

/// Bytes that were read, with the time at which the last of them arrived.
struct stamped_bytes {
    error_code error = {};
    std::size_t count = 0;  ///< 0 without an error: the peer closed its side
    instant at = {};
    clock_source source = clock_source::user;
    nanoseconds lag{0};  ///< from their arrival to the return of the read
};

struct connect_result {
    std::optional<failure_kind> failed = {};  ///< dns, connect or tls
    std::string message = {};
};

/// How sockets are used.
struct socket_use {
    bool quick_ack = true;     ///< acknowledge segments at once
    bool kernel_times = true;  ///< time bytes by the kernel's clock, where it has one
};

/// A connection to the server, real or simulated. One coroutine uses it at a time.
class byte_stream {
  public:
    virtual ~byte_stream() = default;
    /// Called once, before anything else.
    [[nodiscard]] virtual boost::asio::awaitable<connect_result> connect() = 0;
    /// Writes both in one piece. The views outlive the operation.
    [[nodiscard]] virtual boost::asio::awaitable<error_code> write(std::string_view head,
                                                                   std::string_view body) = 0;
    /// Waits for bytes. `buffer` outlives the operation.
    [[nodiscard]] virtual boost::asio::awaitable<stamped_bytes> read(std::span<char> buffer) = 0;
    /// What the kernel has counted of the connection since it began, where it says.
    [[nodiscard]] virtual std::optional<connection_figures> counted() noexcept {
        return std::nullopt;
    }
    /// Whether the other end has closed it while nothing was awaited on it, as far as is known by
    /// now: a request would be lost.
    [[nodiscard]] virtual bool closed_by_peer() noexcept { return false; }
    /// Ends the connection and, with an error, what is being awaited on it.
    virtual void close() noexcept = 0;
};

/// Where connections come from.
class transport {
  public:
    virtual ~transport() = default;
    /// A stream that is not connected yet.
    [[nodiscard]] virtual std::unique_ptr<byte_stream> open() = 0;
};

}  // namespace lmstress::net
