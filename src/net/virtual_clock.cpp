#include "net/virtual_clock.hpp"

#include <algorithm>

namespace lmstress::net {

void virtual_clock::run() {
    for (;;) {
        context_.restart();
        context_.poll();
        const auto next = queue_.earliest();
        if (!next) return;
        now_ = std::max(now_, *next);
        // One at a time: what it sets going is done before the next one of the same instant.
        if (wakeup* w = queue_.pop_due(now_)) w->due();
    }
}

}  // namespace lmstress::net
