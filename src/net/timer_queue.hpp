#pragma once

#include "lmstress/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace lmstress::net {

/// The wakeups of a clock, earliest first; those of the same instant in the order in which they
/// came.
class timer_queue {
  public:
    void push(instant at, wakeup& w);
    void remove(wakeup& w) noexcept;
    [[nodiscard]] std::optional<instant> earliest() const noexcept;
    /// Takes out the earliest where it is due at `now`; null where none is.
    [[nodiscard]] wakeup* pop_due(instant now);

  private:
    using place = std::pair<instant, std::uint64_t>;
    std::map<place, wakeup*> queue_;
    std::unordered_map<wakeup*, place> places_;
    std::uint64_t pushed_ = 0;
};

}  // namespace lmstress::net
