#include "net/ready_sockets.hpp"

#include "net/platform.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <array>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;

namespace {

/// Not many, so that a timer that is due waits for no more than a millisecond of them; and not few,
/// for while requests begin or end by hundreds, these and no more are read in each round of the
/// event loop.
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
        for (turn* t : {&p.to_read, &p.to_write}) {
            if (t->waiting) abandoned.push_back(*std::exchange(t->waiting, std::nullopt));
        }
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

int ready_sockets::leave(std::uint32_t at) noexcept {
    place& p = places_[at];
    const int socket = std::exchange(p.socket, -1);
    ++p.generation;
    p.ended = false;
    end_wait(p.to_read);
    end_wait(p.to_write);
    free_.push_back(at);
    if (waiting_ == 0 && armed_ && set_) set_->cancel();
    return socket;
}

void ready_sockets::end_wait(turn& t) noexcept {
    t.come = false;
    auto waiting = std::exchange(t.waiting, std::nullopt);
    if (!waiting) return;
    --waiting_;
    // Posted: who takes it out goes on first.
    asio::post(context_, [h = *std::move(waiting)]() mutable { std::move(h)(false); });
}

void ready_sockets::wait(turn& t, handler h) {
    if (std::exchange(t.come, false)) {
        asio::post(context_, [h = std::move(h)]() mutable { std::move(h)(true); });
        return;
    }
    t.waiting.emplace(std::move(h));
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
        if (place* p = who_is(r.key)) {
            p->ended = p->ended || r.ended;
            tell(p->to_read);
        }
        if (!r.writable && !r.ended) continue;
        if (place* p = who_is(r.key)) tell(p->to_write);
    }
    collecting_ = false;
}

/// Those who were told before may have closed it, and others may have come into its place.
ready_sockets::place* ready_sockets::who_is(std::uint64_t told) {
    const auto at = static_cast<std::uint32_t>(told);
    return told == key_of(at, places_[at].generation) ? &places_[at] : nullptr;
}

void ready_sockets::tell(turn& t) {
    t.come = !t.waiting;
    if (t.come) return;
    handler h = *std::exchange(t.waiting, std::nullopt);
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
    close();
    of_ = std::exchange(from.of_, nullptr);
    place_ = from.place_;
    return *this;
}

ready_sockets::member::~member() {
    close();
}

int ready_sockets::member::native() const noexcept {
    return of_ == nullptr ? -1 : of_->places_[place_].socket;
}

asio::awaitable<bool> ready_sockets::member::wait_to_read() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this](auto h) { of_->wait(of_->places_[place_].to_read, std::move(h)); },
        asio::use_awaitable);
}

asio::awaitable<bool> ready_sockets::member::wait_to_write() {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this](auto h) {
            place& p = of_->places_[place_];
            // What it was told before the last write is past.
            p.to_write.come = false;
            of_->wait(p.to_write, std::move(h));
            const auto key = key_of(place_, p.generation);
            platform::tell_when_writable(of_->set_->native_handle(), p.socket, key);
        },
        asio::use_awaitable);
}

bool ready_sockets::member::ended() const noexcept {
    return of_ != nullptr && of_->places_[place_].ended;
}

void ready_sockets::member::more_to_read() noexcept {
    if (of_ != nullptr) of_->places_[place_].to_read.come = true;
}

void ready_sockets::member::close() noexcept {
    if (ready_sockets* of = std::exchange(of_, nullptr)) ::close(of->leave(place_));
}

int ready_sockets::member::release() noexcept {
    ready_sockets* of = std::exchange(of_, nullptr);
    if (of == nullptr) return -1;
    const int socket = of->leave(place_);
    if (of->set_) platform::leave_ready_set(of->set_->native_handle(), socket);
    return socket;
}

}  // namespace lmstress::net
