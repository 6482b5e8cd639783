#if defined(__linux__) && !defined(LMSTRESS_PORTABLE)

#include "net/platform.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>  // knows more of tcp_info than <netinet/tcp.h>, and excludes it
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace lmstress::net::platform {
namespace {

nanoseconds since_epoch(const timespec& t) noexcept {
    return std::chrono::seconds{t.tv_sec} + nanoseconds{t.tv_nsec};
}

/// The kernel's software time of the last byte of the read (Linux 4.14, commit 98aaa913b4ed), by
/// CLOCK_REALTIME. That clock may be stepped at any time, so only the age of the stamp is used.
std::optional<nanoseconds> receive_time(msghdr& message) noexcept {
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING) continue;
        scm_timestamping stamps;
        std::memcpy(&stamps, CMSG_DATA(c), sizeof stamps);
        if (stamps.ts[0].tv_sec != 0) return since_epoch(stamps.ts[0]);
    }
    return std::nullopt;
}

nanoseconds real_time() noexcept {
    timespec t{};
    clock_gettime(CLOCK_REALTIME, &t);
    return since_epoch(t);
}

}  // namespace

bool enable_receive_times(int socket) noexcept {
    const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
    return setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

void begin_receive_times() noexcept {
    static const int held = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (held >= 0) enable_receive_times(held);
}

received receive(int socket, std::span<char> buffer, bool want_times) noexcept {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(scm_timestamping)) + 64];
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (want_times) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    ssize_t n = 0;
    do {
        n = recvmsg(socket, &message, 0);
    } while (n < 0 && errno == EINTR);
    received r;
    r.now = std::chrono::steady_clock::now();
    if (n < 0) {
        r.error = errno;
        return r;
    }
    r.count = static_cast<std::size_t>(n);
    if (want_times && n > 0) {
        if (const auto stamp = receive_time(message)) r.age = real_time() - *stamp;
    }
    return r;
}

void quick_ack(int socket) noexcept {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

std::optional<connection_figures> connection_now(int socket) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
    // Kernels before 5.4 know no packets out of order, and say less; the rest stays zero.
    if (size < offsetof(tcp_info, tcpi_total_retrans) + sizeof info.tcpi_total_retrans) {
        return std::nullopt;
    }
    return connection_figures{.round_trip = std::chrono::microseconds{info.tcpi_rtt},
                              .retransmits = info.tcpi_total_retrans,
                              .out_of_order = info.tcpi_rcv_ooopack};
}

int open_ready_set() noexcept {
    return epoll_create1(EPOLL_CLOEXEC);
}

bool enter_ready_set(int set, int socket, std::uint64_t key) noexcept {
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    wanted.data.u64 = key;
    return epoll_ctl(set, EPOLL_CTL_ADD, socket, &wanted) == 0;
}

void leave_ready_set(int set, int socket) noexcept {
    epoll_event ignored{};  // kernels before 2.6.9 want one
    epoll_ctl(set, EPOLL_CTL_DEL, socket, &ignored);
}

void tell_when_writable(int set, int socket, std::uint64_t key) noexcept {
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    wanted.data.u64 = key;
    epoll_ctl(set, EPOLL_CTL_MOD, socket, &wanted);
}

std::size_t take_ready(int set, std::span<ready_socket> into) noexcept {
    std::array<epoll_event, 128> events;
    const auto most = static_cast<int>(std::min(events.size(), into.size()));
    const int n = epoll_wait(set, events.data(), most, 0);
    if (n <= 0) return 0;
    const auto count = static_cast<std::size_t>(n);
    std::transform(events.begin(), events.begin() + n, into.begin(), [](const epoll_event& e) {
        return ready_socket{.key = e.data.u64,
                            .writable = (e.events & EPOLLOUT) != 0,
                            .ended = (e.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0};
    });
    return count;
}

}  // namespace lmstress::net::platform

#endif
