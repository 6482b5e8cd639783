#include "net/timers.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;

void deadline::set_in(nanoseconds wait, instant now) {
    at_ = wait == nanoseconds{0} ? instant::max() : now + wait;
    if (at_ >= asked_for_) return;
    asked_for_ = at_;
    clock_.call_at(at_, *this);
}

void deadline::due() {
    asked_for_ = instant::max();
    if (at_ == instant::max()) return;
    if (at_ <= clock_.now()) {
        at_ = instant::max();
        call_();
    } else {
        asked_for_ = at_;
        clock_.call_at(at_, *this);
    }
}

asio::awaitable<bool> sleeper::until(instant at) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this, at](auto handler) {
            // Posted, never called from within: whoever wakes a coroutine goes on first.
            resume_ = [held =
                           std::make_shared<decltype(handler)>(std::move(handler))](bool in_time) {
                const auto executor = asio::get_associated_executor(*held);
                asio::post(executor, [held, in_time] { std::move (*held)(in_time); });
            };
            if (interrupted_) {
                wake(false);
            } else if (at <= clock_.now()) {
                wake(true);
            } else if (at != instant::max()) {
                clock_.call_at(at, *this);
            }
        },
        asio::use_awaitable);
}

void sleeper::interrupt() {
    interrupted_ = true;
    if (resume_) wake(false);
}

void sleeper::wake(bool in_time) {
    clock_.forget(*this);
    if (const auto resume = std::exchange(resume_, nullptr)) resume(in_time);
}

}  // namespace lmstress::net
