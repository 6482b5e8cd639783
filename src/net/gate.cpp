#include "net/gate.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <utility>

namespace lmstress::net {

namespace asio = boost::asio;

bool gate::has_room() const {
    if (inside_ >= width_) return false;
    return entered_.size() < width_ || clock_.now() - entered_.front() >= spell_;
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
            let_in();
        },
        asio::use_awaitable);
}

void gate::leave() {
    --inside_;
    let_in();
}

void gate::give_up(place& p) {
    const auto resume = std::exchange(p.resume_, nullptr);
    if (!resume) return;
    waiting_.erase(p.at_);
    resume(false);
}

void gate::let_in() {
    while (!waiting_.empty() && has_room()) {
        place& first = *waiting_.front();
        waiting_.pop_front();
        note_entry();
        std::exchange(first.resume_, nullptr)(true);
    }
    // Where too many are inside, the next one to leave lets in.
    if (!waiting_.empty() && inside_ < width_) next_.set(entered_.front() + spell_);
}

}  // namespace lmstress::net
