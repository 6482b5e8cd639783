#include "net/ready_sockets.hpp"

#include "net/platform.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;

namespace {

/// Not many, so that a timer that is due waits for few of them; and not few, for while requests
/// begin or end by hundreds, these and no more are read in each round of the event loop.
constexpr std::size_t at_once = 128;

std::uint64_t key_of(std::uint32_t place, std::uint32_t generation) {
    return (std::uint64_t{generation} << 32U) | place;
}

}  // namespace

ready_sockets::ready_sockets(asio::execution_context& of)
    : service(of), context_(static_cast<asio::io_context&>(of)) {
    const int set = platform::open_ready_set();
    if (set >= 0) set_.emplace(context_, set);
}

void ready_sockets::shutdown() {
    // What waits owns, in the end, the members: they leave while all of this is still there.
    std::vector<handler> abandoned;
    for (place& p : places_) {
        if (p.waiting) abandoned.push_back(*std::exchange(p.waiting, std::nullopt));
    }
    waiting_ = 0;
    abandoned.clear();
    set_.reset();
}

std::optional<std::uint32_t> ready_sockets::enter(int socket) {
    if (!set_) return std::nullopt;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(places_.size()));
        places_.emplace_back();
    }
    const std::uint32_t at = free_.back();
    place& p = places_[at];
    if (!platform::enter_ready_set(set_->native_handle(), socket, key_of(at, p.generation))) {
        return std::nullopt;
    }
    free_.pop_back();
    p.socket = socket;
    return at;
}

void ready_sockets::leave(std::uint32_t at) noexcept {
    place& p = places_[at];
    if (set_) platform::leave_ready_set(set_->native_handle(), p.socket);
    auto waiting = std::exchange(p.waiting, std::nullopt);
    ++p.generation;
    p.ready = false;
    p.ended = false;
    free_.push_back(at);
    if (!waiting) return;
    // Posted: who takes it out goes on first.
    asio::post(context_, [h = *std::move(waiting)]() mutable { std::move(h)(false); });
    if (--waiting_ == 0 && armed_ && set_) set_->cancel();
}

void ready_sockets::wait(std::uint32_t at, handler h) {
    place& p = places_[at];
    if (std::exchange(p.ready, false)) {
        asio::post(context_, [h = std::move(h)]() mutable { std::move(h)(true); });
        return;
    }
    p.waiting.emplace(std::move(h));
    ++waiting_;
    if (!armed_ && !collecting_) await_set();
}

void ready_sockets::await_set() {
    armed_ = true;
    set_->async_wait(asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& ec) {
                         armed_ = false;
                         if (!ec) collect();
                         // Without anybody who waits it would keep the context running.
                         if (waiting_ > 0 && !armed_) await_set();
                     });
}

void ready_sockets::collect() {
    std::array<platform::ready_socket, at_once> ready;
    const std::size_t n = platform::take_ready(set_->native_handle(), ready);
    collecting_ = true;
    for (const platform::ready_socket& r : std::span{ready}.first(n)) {
        const auto at = static_cast<std::uint32_t>(r.key);
        // Those before may have closed it, and others may have come into its place.
        if (r.key == key_of(at, places_[at].generation)) tell(at, r.ended);
    }
    collecting_ = false;
}

void ready_sockets::tell(std::uint32_t at, bool ended) {
    place& p = places_[at];
    p.ended = p.ended || ended;
    if (!p.waiting) {
        p.ready = true;
        return;
    }
    handler h = *std::exchange(p.waiting, std::nullopt);
    --waiting_;
    std::move(h)(true);
}

ready_sockets::member::member(ready_sockets& of, int socket) {
    if (const auto at = of.enter(socket)) {
        of_ = &of;
        place_ = *at;
    }
}

ready_sockets::member::member(member&& from) noexcept
    : of_(std::exchange(from.of_, nullptr)), place_(from.place_) {}

ready_sockets::member& ready_sockets::member::operator=(member&& from) noexcept {
    leave();
    of_ = std::exchange(from.of_, nullptr);
    place_ = from.place_;
    return *this;
}

ready_sockets::member::~member() {
    leave();
}

asio::awaitable<bool> ready_sockets::member::wait() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this](auto h) { of_->wait(place_, std::move(h)); }, asio::use_awaitable);
}

bool ready_sockets::member::ended() const noexcept {
    return of_ != nullptr && of_->places_[place_].ended;
}

void ready_sockets::member::more_to_read() noexcept {
    if (of_ != nullptr) of_->places_[place_].ready = true;
}

void ready_sockets::member::leave() noexcept {
    if (ready_sockets* of = std::exchange(of_, nullptr)) of->leave(place_);
}

}  // namespace lmstress::net
