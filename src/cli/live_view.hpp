#pragma once

#include "cli/live_painter.hpp"
#include "cli/progress_writer.hpp"
#include "lmstress/clock.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lmstress::cli {

/// What a run says on stderr while it goes on, never on stdout: on a terminal one line that is
/// redrawn, elsewhere a line now and then, and messages between.
///
/// A thread of its own looks and writes; the one that measures only hands messages over, and waits
/// for no terminal.
class live_view {
  public:
    struct settings {
        instant run_start = {};
        std::string model = {};  ///< that is asked for
        bool quiet = false;      ///< only what is said, neither announcements nor live lines
        progress_writer* progress = nullptr;  ///< for other programs; outlives this
    };

    /// The counters and the clock outlive this.
    live_view(const measure::live_counters& counters, const clock& time, const settings& s);
    ~live_view() { close(); }
    live_view(live_view&&) = delete;

    /// On a line of its own, whatever else is shown.
    void say(std::string text) { hand_over({std::move(text)}); }
    /// What the live line of a terminal shows by itself: as a line for others.
    void announce(std::string text) { hand_over({std::move(text), true}); }
    /// All is said, the line is gone, and nothing is shown any more.
    void close();

  private:
    void hand_over(live_message message);
    void show(const std::stop_token& stop);

    const measure::live_counters& counters_;
    const clock& time_;
    instant run_start_;
    progress_writer* progress_;
    std::unique_ptr<screen> screen_;
    live_painter painter_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::vector<live_message> waiting_;
    std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace lmstress::cli
