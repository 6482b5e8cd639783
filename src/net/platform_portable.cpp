#if !defined(__linux__) || defined(LMSTRESS_PORTABLE)

#include "net/platform.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace lmstress::net::platform {

bool enable_receive_times(int) noexcept {
    return false;
}

void begin_receive_times() noexcept {}

received receive(int socket, std::span<char> buffer, bool) noexcept {
    ssize_t n = 0;
    do {
        n = recv(socket, buffer.data(), buffer.size(), 0);
    } while (n < 0 && errno == EINTR);
    received r;
    r.now = std::chrono::steady_clock::now();
    if (n < 0) {
        r.error = errno;
    } else {
        r.count = static_cast<std::size_t>(n);
    }
    return r;
}

void quick_ack(int) noexcept {}

std::optional<connection_figures> connection_now(int) noexcept {
    return std::nullopt;
}

int open_ready_set() noexcept {
    return -1;
}

bool enter_ready_set(int, int, std::uint64_t) noexcept {
    return false;
}

void leave_ready_set(int, int) noexcept {}

void tell_when_writable(int, int, std::uint64_t) noexcept {}

std::size_t take_ready(int, std::span<ready_socket>) noexcept {
    return 0;
}

}  // namespace lmstress::net::platform

#endif
