#pragma once

#include "lmstress/summary.hpp"
#include "measure/recorder.hpp"
#include "net/platform.hpp"
#include "net/timers.hpp"

#include <cstdint>
#include <optional>

namespace lmstress::load {

/// Watches this process while a level runs, for nobody else can say whether a number is the
/// server's or the client's: how late its event loop is, by a timer in each 10 ms, and what it
/// uses.
class self_watch {
  public:
    /// Both outlive this.
    self_watch(clock& time, const measure::window& measured);

    void begin();
    /// No further request is sent.
    void window_over();
    /// The level is over. What it has no word on (read lag) stays empty.
    [[nodiscard]] client_figures end();

  private:
    struct usage {
        instant at;
        net::platform::process_figures process;
    };
    void tick();
    void next_tick();
    [[nodiscard]] usage now() const;

    clock& time_;
    const measure::window& measured_;
    net::alarm timer_;
    instant begun_{};
    std::int64_t ticks_ = 0;
    instant due_{};
    dense_histogram lag_;
    usage first_{};  // at the beginning of the window
    bool in_window_ = false;
    std::optional<usage> last_;  // at its end
};

}  // namespace lmstress::load
