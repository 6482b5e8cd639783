#include "net/timer_queue.hpp"

namespace lmstress::net {

void timer_queue::push(instant at, wakeup& w) {
    remove(w);
    const place p{at, pushed_++};
    queue_.emplace(p, &w);
    places_.emplace(&w, p);
}

void timer_queue::remove(wakeup& w) noexcept {
    const auto found = places_.find(&w);
    if (found == places_.end()) return;
    queue_.erase(found->second);
    places_.erase(found);
}

std::optional<instant> timer_queue::earliest() const noexcept {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first.first;
}

wakeup* timer_queue::pop_due(instant now) {
    if (queue_.empty() || queue_.begin()->first.first > now) return nullptr;
    wakeup* w = queue_.begin()->second;
    remove(*w);
    return w;
}

}  // namespace lmstress::net
