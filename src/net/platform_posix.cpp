// What every POSIX system has.

#include "net/platform.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lmstress::net::platform {
namespace {

#ifdef POLLRDHUP
constexpr short end_of_peer = POLLRDHUP;
#else
constexpr short end_of_peer = 0;
#endif

}  // namespace

std::uint64_t raise_file_limit(std::uint64_t wanted) noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    if (limit.rlim_cur < wanted) {
        rlimit raised = limit;
        raised.rlim_cur = limit.rlim_max == RLIM_INFINITY
                              ? static_cast<rlim_t>(wanted)
                              : std::min<rlim_t>(static_cast<rlim_t>(wanted), limit.rlim_max);
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur;
}

sent send(int socket, std::string_view head, std::string_view body) noexcept {
#ifdef MSG_NOSIGNAL
    constexpr int flags = MSG_NOSIGNAL;
#else
    constexpr int flags = 0;
#endif
    // sendmsg() writes to none of them.
    std::array<iovec, 2> parts{iovec{const_cast<char*>(head.data()), head.size()},
                               iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    ssize_t n = 0;
    do {
        n = ::sendmsg(socket, &message, flags);
    } while (n < 0 && errno == EINTR);
    if (n < 0) return {.error = errno};
    return {.count = static_cast<std::size_t>(n)};
}

std::size_t unread(int socket) noexcept {
    int bytes = 0;
    return ioctl(socket, FIONREAD, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

bool closed_by_peer(int socket) noexcept {
    pollfd asked{.fd = socket, .events = POLLIN | end_of_peer, .revents = 0};
    if (::poll(&asked, 1, 0) <= 0) return false;
    if ((asked.revents & (POLLERR | POLLHUP | end_of_peer)) != 0) return true;
    // Without a word for it, the end is seen where nothing lies before it.
    char next = 0;
    return (asked.revents & POLLIN) != 0 && ::recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void reset_when_closed(int socket) noexcept {
    const linger none{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

process_figures process_now() noexcept {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& t) {
        return nanoseconds{std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec}};
    };
#ifdef __APPLE__
    constexpr std::uint64_t unit = 1;  // bytes there, kibibytes elsewhere
#else
    constexpr std::uint64_t unit = 1024;
#endif
    return {.cpu = of(usage.ru_utime) + of(usage.ru_stime),
            .max_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * unit};
}

}  // namespace lmstress::net::platform
