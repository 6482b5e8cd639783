#include "net/gate.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;

bool gate::has_room() const {
    if (inside_ >= width_) return false;
    return entered_.size() < pace_ || clock_.now() - entered_[entered_.size() - pace_] >= spell_;
}

void gate::note_entry() {
    ++inside_;
    entered_.push_back(clock_.now());
    if (entered_.size() > width_) entered_.pop_front();
}

bool gate::try_enter() {
    if (!waiting_.empty() || !has_room()) return false;
    note_entry();
    return true;
}

asio::awaitable<bool> gate::enter(place& p) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(bool)>(
        [this, &p](auto handler) {
            p.resume_ = [held = std::make_shared<decltype(handler)>(std::move(handler))](bool in) {
                const auto executor = asio::get_associated_executor(*held);
                asio::post(executor, [held, in] { std::move (*held)(in); });
            };
            p.at_ = waiting_.insert(waiting_.end(), &p);
            let_in_or_wait();
        },
        asio::use_awaitable);
}

void gate::leave() {
    --inside_;
    let_in_or_wait();
}

void gate::give_up(place& p) {
    const auto resume = std::exchange(p.resume_, nullptr);
    if (!resume) return;
    waiting_.erase(p.at_);
    resume(false);
}

void gate::let_in_or_wait() {
    // Of a loop that is late, only the next turn lets in: those who leave come in one after
    // another, and whatever else the loop has to do would wait for all of them.
    pace_ == width_ ? let_in() : await_turn();
}

void gate::let_in() {
    while (!waiting_.empty() && has_room()) {
        place& first = *waiting_.front();
        waiting_.pop_front();
        note_entry();
        std::exchange(first.resume_, nullptr)(true);
    }
    await_turn();
}

void gate::await_turn() {
    if (waiting_.empty() || awaits_turn_) return;
    const bool full = inside_ >= width_;  // then it is only to see whether the turn comes late
    if (full && spell_ == nanoseconds{0}) return;
    awaits_turn_ = true;
    const instant now = clock_.now();
    const bool may_begin = entered_.size() < pace_;
    const instant paced = may_begin ? now : entered_[entered_.size() - pace_] + spell_;
    turn_ = full ? now + spell_ : std::max(paced, now);
    next_.set(turn_);
}

void gate::take_turn() {
    awaits_turn_ = false;
    const bool late = clock_.now() - turn_ > spell_;
    pace_ = late ? std::max<std::size_t>(pace_ / 2, 1) : std::min(pace_ + 1, width_);
    let_in();
}

}  // namespace lmstress::net
