#include "net/timed_socket.hpp"

#include "net/platform.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
/// Should the kernel forget it for another reason than it does now.
constexpr nanoseconds quick_ack_every = std::chrono::milliseconds{500};
/// Bytes that lay there no longer are not asked after: a segment that was lost takes longer.
constexpr nanoseconds soon = std::chrono::milliseconds{1};

bool is_loopback(const tcp::socket& s) {
    error_code ec;
    const tcp::endpoint peer = s.remote_endpoint(ec);
    return !ec && peer.address().is_loopback();
}

tcp protocol_of(int socket) {
    tcp::endpoint own;
    auto size = static_cast<socklen_t>(own.capacity());
    return getsockname(socket, own.data(), &size) == 0 ? own.protocol() : tcp::v4();
}

}  // namespace

timed_socket::timed_socket(socket s, const socket_use& use)
    : socket_(std::move(s)), quick_ack_(use.quick_ack), may_lose_(!is_loopback(socket_)) {
    error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
    socket_.native_non_blocking(true, ignored);
    kernel_times_ = use.kernel_times && platform::enable_receive_times(socket_.native_handle());
}

std::optional<stamped_bytes> timed_socket::read_now(std::span<char> buffer, instant not_before) {
    const platform::received r = platform::receive(native(), buffer, kernel_times_);
    if (r.error == EAGAIN || r.error == EWOULDBLOCK) return std::nullopt;
    if (r.error != 0) {
        return stamped_bytes{.error = {r.error, boost::system::system_category()}, .at = r.now};
    }
    acknowledge(r.now);
    const bool stamped = r.age && *r.age >= nanoseconds{0} && r.now - *r.age >= not_before &&
                         !waited_for_lost_ones(*r.age);
    const nanoseconds lag = stamped ? *r.age : nanoseconds{0};
    return stamped_bytes{.count = r.count,
                         .at = r.now - lag,
                         .source = stamped ? clock_source::kernel : clock_source::user,
                         .lag = lag};
}

asio::awaitable<stamped_bytes> timed_socket::read(std::span<char> buffer, instant not_before) {
    enter_ready_sockets();
    for (;;) {
        // Even where there is more: others have waited longer.
        if (ready_.entered()) {
            const bool come = co_await ready_.wait_to_read();
            if (!come) co_return stamped_bytes{.error = asio::error::operation_aborted};
        } else {
            const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
            if (ec) co_return stamped_bytes{.error = ec};
        }
        const auto bytes = read_now(buffer, not_before);
        if (!bytes) continue;
        const bool drained = bytes->count < buffer.size() && !ready_.ended();
        if (!drained) ready_.more_to_read();
        co_return *bytes;
    }
}

void timed_socket::enter_ready_sockets() {
    if (std::exchange(in_use_, true)) return;
    auto& context = asio::query(socket_.get_executor(), asio::execution::context);
    ready_ = {asio::use_service<ready_sockets>(context), socket_.native_handle()};
    if (!ready_.entered()) return;
    error_code ignored;
    const int the_same = socket_.release(ignored);
    static_cast<void>(the_same);
}

int timed_socket::native() noexcept {
    return ready_.entered() ? ready_.native() : socket_.native_handle();
}

asio::awaitable<error_code> timed_socket::write(std::string_view head, std::string_view body) {
    enter_ready_sockets();
    while (!head.empty() || !body.empty()) {
        error_code ec;
        const std::size_t n = write_now(head, body, ec);
        if (ec == asio::error::would_block) ec = co_await wait_to_write();
        if (ec) co_return ec;
        const std::size_t of_head = std::min(n, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(n - of_head);
    }
    co_return error_code{};
}

std::size_t timed_socket::write_now(std::string_view head, std::string_view body,
                                    error_code& ec) noexcept {
    wrote();
    const platform::sent s = platform::send(native(), head, body);
    ec.assign(s.error, boost::system::system_category());
    return s.count;
}

asio::awaitable<error_code> timed_socket::wait_to_write() {
    if (!ready_.entered()) {
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_write, as_result);
        co_return ec;
    }
    const bool open = co_await ready_.wait_to_write();
    co_return open ? error_code{} : error_code{asio::error::operation_aborted};
}

bool timed_socket::has_unread() noexcept {
    return platform::unread(native()) > 0;
}

bool timed_socket::closed_by_peer() noexcept {
    return platform::closed_by_peer(native());
}

void timed_socket::acknowledge(instant now) noexcept {
    if (!quick_ack_ || now < acknowledge_again_) return;
    acknowledge_again_ = now + quick_ack_every;
    platform::quick_ack(native());
}

/// Whether segments came out of order since this was last asked: what came behind the missing one
/// has the time at which it came, and could not be read then.
bool timed_socket::waited_for_lost_ones(nanoseconds age) noexcept {
    if (!may_lose_ || age < soon) return false;
    const auto now = platform::connection_now(native());
    return now && now->out_of_order > std::exchange(out_of_order_, now->out_of_order);
}

std::optional<connection_figures> timed_socket::counted() noexcept {
    return platform::connection_now(native());
}

void timed_socket::close() noexcept {
    error_code ignored;
    ready_.close();
    socket_.close(ignored);
}

void timed_socket::reset() noexcept {
    platform::reset_when_closed(native());
    close();
}

timed_socket::socket& timed_socket::raw() noexcept {
    if (ready_.entered()) {
        error_code ignored;
        const int the_same = ready_.release();
        socket_.assign(protocol_of(the_same), the_same, ignored);
    }
    return socket_;
}

}  // namespace lmstress::net
