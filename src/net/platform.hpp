#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/request_record.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

// Calls that only Linux has, in one place. Elsewhere, and with LMSTRESS_PORTABLE, the fallback of
// platform_portable.cpp stands in.

namespace lmstress::net::platform {

/// Asks the kernel to stamp the bytes that a TCP socket receives. False where it cannot.
bool enable_receive_times(int socket) noexcept;

/// Has the kernel stamp from now on, for as long as this process lives. It takes the kernel some
/// milliseconds to begin after the first socket asks for it, and what arrives in them has no stamp.
void begin_receive_times() noexcept;

struct received {
    int error = 0;  ///< errno
    std::size_t count = 0;
    /// How long ago the last of these bytes arrived, by the kernel's clock.
    std::optional<nanoseconds> age = {};
    instant now = {};  ///< right after the read
};

/// Reads from a non-blocking socket.
received receive(int socket, std::span<char> buffer, bool want_times) noexcept;

/// Has a read acknowledge what it read at once: with a server that leaves Nagle's algorithm on, a
/// delayed acknowledgement would hold back small events for 40 ms. The kernel forgets this when
/// something is written (the connection is one of questions and answers then, tcp_input.c calls it
/// ping-pong), so it is asked for again at the first read after a write.
void quick_ack(int socket) noexcept;

/// What the kernel has counted of a TCP connection since it began (TCP_INFO). Nothing where it does
/// not say.
std::optional<connection_figures> connection_now(int socket) noexcept;

/// Raises the number of files that this process may open to `wanted` if it can, and returns what it
/// is now.
std::uint64_t raise_file_limit(std::uint64_t wanted) noexcept;

struct sent {
    int error = 0;  ///< errno
    std::size_t count = 0;
};
/// Writes both to a non-blocking socket, as far as it takes them. No signal where the other end has
/// closed.
sent send(int socket, std::string_view head, std::string_view body) noexcept;

/// How many bytes lie there to be read.
std::size_t unread(int socket) noexcept;
/// Whether the other end will send no more, whatever lies there to be read.
bool closed_by_peer(int socket) noexcept;
/// Ends a connection by a reset when the socket is closed: what was not sent is forgotten.
void reset_when_closed(int socket) noexcept;

/// A set of sockets that the kernel keeps, and tells which of them have something new to read
/// (epoll, edge-triggered). -1 where it has none. Closed as any file is; a socket that is closed is
/// in it no longer.
int open_ready_set() noexcept;
/// Enters a socket, under a key of the caller's.
bool enter_ready_set(int set, int socket, std::uint64_t key) noexcept;
void leave_ready_set(int set, int socket) noexcept;
/// Has the set tell from now on, too, when more can be written.
void tell_when_writable(int set, int socket, std::uint64_t key) noexcept;

struct ready_socket {
    std::uint64_t key = 0;
    bool writable = false;
    bool ended = false;  ///< the other end sends no more, or the connection failed
};
/// What became ready since it was last taken, as many as fit; the rest comes the next time.
std::size_t take_ready(int set, std::span<ready_socket> into) noexcept;

struct process_figures {
    nanoseconds cpu{0};
    std::uint64_t max_rss_bytes = 0;
};
/// What this process has used so far.
process_figures process_now() noexcept;

}  // namespace lmstress::net::platform
