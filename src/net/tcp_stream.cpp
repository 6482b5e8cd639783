#include "net/tcp_stream.hpp"

#include "net/platform.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
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

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

timed_socket::timed_socket(socket s, bool quick_ack)
    : socket_(std::move(s)), quick_ack_(quick_ack) {
    error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
    socket_.native_non_blocking(true, ignored);
    kernel_times_ = platform::enable_receive_times(socket_.native_handle());
}

asio::awaitable<stamped_bytes> timed_socket::read(std::span<char> buffer, instant not_before) {
    for (;;) {
        const auto [ec] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
        if (ec) co_return stamped_bytes{.error = ec};
        const platform::received r =
            platform::receive(socket_.native_handle(), buffer, kernel_times_);
        if (would_block(r.error)) continue;
        if (r.error != 0) {
            const error_code failed{r.error, boost::system::system_category()};
            co_return stamped_bytes{.error = failed, .at = r.now};
        }
        acknowledge(r.now);
        const bool stamped = r.age && *r.age >= nanoseconds{0} && r.now - *r.age >= not_before;
        const nanoseconds lag = stamped ? *r.age : nanoseconds{0};
        co_return stamped_bytes{.count = r.count,
                                .at = r.now - lag,
                                .source = stamped ? clock_source::kernel : clock_source::user,
                                .lag = lag};
    }
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

void timed_socket::close() noexcept {
    error_code ignored;
    socket_.close(ignored);
}

class tcp_stream final : public byte_stream {
  public:
    explicit tcp_stream(tcp_transport& from) : from_(from), resolver_(from.executor_) {}

    asio::awaitable<connect_result> connect() override {
        if (from_.addresses_.empty()) {
            const auto [ec, found] = co_await resolver_.async_resolve(
                from_.options_.host, from_.options_.port, as_result);
            if (ec) {
                connect_result failed{failure_kind::dns, from_.options_.host + ": " + ec.message()};
                co_return failed;
            }
            from_.addresses_.assign(found.begin(), found.end());
        }
        error_code last;
        const auto addresses = from_.addresses_;
        for (std::size_t i = 0; i < addresses.size() && !closed_; ++i) {
            tcp::socket socket{from_.executor_};
            connecting_ = &socket;
            const auto [ec] = co_await socket.async_connect(addresses[i], as_result);
            connecting_ = nullptr;
            last = ec;
            if (ec || closed_) continue;
            socket_.emplace(std::move(socket), from_.options_.quick_ack);
            if (i != 0) std::swap(from_.addresses_.front(), from_.addresses_[i]);
            co_return connect_result{};
        }
        connect_result failed{
            failure_kind::connect,
            from_.options_.host + " port " + from_.options_.port + ": " + last.message()};
        co_return failed;
    }

    asio::awaitable<error_code> write(std::string_view head, std::string_view body) override {
        written_at_ = std::chrono::steady_clock::now();
        return socket_->write(head, body);
    }

    asio::awaitable<stamped_bytes> read(std::span<char> buffer) override {
        return socket_->read(buffer, written_at_);
    }

    void close() noexcept override {
        closed_ = true;
        resolver_.cancel();
        error_code ignored;
        if (connecting_ != nullptr) connecting_->close(ignored);
        if (socket_) socket_->close();
    }

  private:
    tcp_transport& from_;
    tcp::resolver resolver_;
    std::optional<timed_socket> socket_;
    tcp::socket* connecting_ = nullptr;
    instant written_at_{};
    bool closed_ = false;
};

std::unique_ptr<byte_stream> tcp_transport::open() {
    return std::make_unique<tcp_stream>(*this);
}

}  // namespace lmstress::net
