#include "net/dialer.hpp"

#include "net/platform.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

}  // namespace

dialer::dialer(asio::any_io_executor executor, destination& to)
    : executor_(std::move(executor)), to_(to), resolver_(executor_) {}

asio::awaitable<connect_result> dialer::dial() {
    if (to_.addresses.empty()) {
        const auto [ec, found] = co_await resolver_.async_resolve(to_.host, to_.port, as_result);
        if (ec) co_return connect_result{failure_kind::dns, to_.host + ": " + ec.message()};
        to_.addresses.assign(found.begin(), found.end());
    }
    error_code last = asio::error::operation_aborted;
    const auto addresses = to_.addresses;  // others may reorder them meanwhile
    for (const tcp::endpoint& address : addresses) {
        if (cancelled_) break;
        socket_.emplace(executor_);
        const auto [ec] = co_await socket_->async_connect(address, as_result);
        last = ec;
        if (ec) continue;
        const auto found = std::find(to_.addresses.begin(), to_.addresses.end(), address);
        if (found != to_.addresses.end()) std::iter_swap(to_.addresses.begin(), found);
        if (!cancelled_) co_return connect_result{};
    }
    co_return connect_result{failure_kind::connect,
                             to_.host + " port " + to_.port + ": " + last.message()};
}

std::optional<connection_figures> dialer::counted() noexcept {
    if (!socket_ || !socket_->is_open()) return std::nullopt;
    return platform::connection_now(socket_->native_handle());
}

void dialer::cancel() noexcept {
    cancelled_ = true;
    resolver_.cancel();
    error_code ignored;
    if (socket_) socket_->close(ignored);
}

}  // namespace lmstress::net
