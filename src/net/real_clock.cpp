#include "net/real_clock.hpp"

namespace lmstress::net {

void real_clock::call_at(instant at, wakeup& w) {
    queue_.push(at, w);
    if (at < armed_for_) arm();
}

void real_clock::forget(wakeup& w) noexcept {
    queue_.remove(w);
    // A timer with nothing behind it would keep the event loop running.
    if (!queue_.earliest() && armed_for_ != instant::max()) {
        armed_for_ = instant::max();
        timer_.cancel();
    }
}

void real_clock::arm() {
    const auto earliest = queue_.earliest();
    armed_for_ = earliest.value_or(instant::max());
    if (!earliest) return;
    timer_.expires_at(*earliest);
    timer_.async_wait([this](boost::system::error_code ec) {
        if (!ec) fire();
    });
}

void real_clock::fire() {
    while (wakeup* w = queue_.pop_due(now())) w->due();
    arm();
}

}  // namespace lmstress::net
