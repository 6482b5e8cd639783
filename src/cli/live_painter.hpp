#pragma once

#include "cli/screen.hpp"
#include "measure/live_counters.hpp"

#include <deque>
#include <string>
#include <vector>

namespace lmstress::cli {

/// A sentence for the user while a run goes on.
struct live_message {
    std::string text;
    /// The live line of a terminal says it by itself: for others only.
    bool line_says_it = false;
};

/// Shows a run on a screen: on a terminal as one line that is redrawn, elsewhere as a line now and
/// then. It has no clock and no thread: step() is called with the time, and says when to call
/// again.
class live_painter {
  public:
    struct settings {
        std::string model = {};  ///< that is asked for
        bool colour = false;
        bool quiet = false;  ///< only messages
        nanoseconds redraw_every = std::chrono::milliseconds{200};
        nanoseconds look_every = std::chrono::seconds{1};
        nanoseconds line_every = std::chrono::seconds{10};  ///< where it is no terminal
    };

    /// Both outlive this.
    live_painter(const measure::live_counters& counters, screen& on, settings s)
        : counters_(counters),
          screen_(on),
          settings_(std::move(s)),
          next_look_(settings_.redraw_every) {}

    /// Does what is due. Returns when it wants to be called next at the latest; like `now` since
    /// the run began.
    nanoseconds step(nanoseconds now, const std::vector<live_message>& messages);
    /// The last messages, and nothing is left of the line.
    void end(nanoseconds now, const std::vector<live_message>& messages);

  private:
    [[nodiscard]] bool redraws() const { return !settings_.quiet && on_terminal(); }
    [[nodiscard]] bool on_terminal() const { return screen_.is() == screen::kind::terminal; }

    void show(nanoseconds now, const live_message& message);
    void look(nanoseconds now);
    void redraw(nanoseconds now);
    void print_line(nanoseconds now);
    [[nodiscard]] std::string line(nanoseconds now, int width) const;
    [[nodiscard]] nanoseconds next_step(nanoseconds now) const;
    void flush(std::chrono::milliseconds patience);

    const measure::live_counters& counters_;
    screen& screen_;
    settings settings_;
    std::deque<measure::live_snapshot> seen_;  // the last few, the latest behind
    nanoseconds next_look_;                    // the first when requests are on their way
    nanoseconds next_redraw_{0};
    nanoseconds next_line_{0};
    std::string drawn_;    // the line that is on the screen
    int drawn_for_ = 0;    // columns
    std::string waiting_;  // for the screen to take it
    bool gone_ = false;
};

}  // namespace lmstress::cli
