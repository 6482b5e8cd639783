#include "net/timed_socket.hpp"

#include "net/platform.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cerrno>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr nanoseconds quick_ack_every = std::chrono::milliseconds{10};
/// Bytes that lay there no longer are not asked after: a segment that was lost takes longer.
constexpr nanoseconds soon = std::chrono::milliseconds{1};

bool is_loopback(const tcp::socket& s) {
    error_code ec;
    const tcp::endpoint peer = s.remote_endpoint(ec);
    return !ec && peer.address().is_loopback();
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
    const platform::received r = platform::receive(socket_.native_handle(), buffer, kernel_times_);
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
        if (readable_.entered()) {
            const bool come = co_await readable_.wait();
            if (!come) co_return stamped_bytes{.error = asio::error::operation_aborted};
        } else {
            const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
            if (ec) co_return stamped_bytes{.error = ec};
        }
        const auto bytes = read_now(buffer, not_before);
        if (!bytes) continue;
        const bool drained = bytes->count < buffer.size() && !readable_.ended();
        if (!drained) readable_.more_to_read();
        co_return *bytes;
    }
}

void timed_socket::enter_ready_sockets() {
    if (std::exchange(has_read_, true)) return;
    auto& context = asio::query(socket_.get_executor(), asio::execution::context);
    readable_ = {asio::use_service<ready_sockets>(context), socket_.native_handle()};
}

asio::awaitable<error_code> timed_socket::write(std::string_view head, std::string_view body) {
    const std::array parts = {asio::buffer(head), asio::buffer(body)};
    const auto [ec, n] = co_await asio::async_write(socket_, parts, as_result);
    static_cast<void>(n);
    co_return ec;
}

void timed_socket::acknowledge(instant now) noexcept {
    if (!quick_ack_ || now - acknowledged_at_ < quick_ack_every) return;
    acknowledged_at_ = now;
    platform::quick_ack(socket_.native_handle());
}

/// Whether segments came out of order since this was last asked: what came behind the missing one
/// has the time at which it came, and could not be read then.
bool timed_socket::waited_for_lost_ones(nanoseconds age) noexcept {
    if (!may_lose_ || age < soon) return false;
    const auto now = platform::connection_now(socket_.native_handle());
    return now && now->out_of_order > std::exchange(out_of_order_, now->out_of_order);
}

std::optional<connection_figures> timed_socket::counted() noexcept {
    return platform::connection_now(socket_.native_handle());
}

void timed_socket::close() noexcept {
    error_code ignored;
    readable_.leave();
    socket_.close(ignored);
}

}  // namespace lmstress::net
