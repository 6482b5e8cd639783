#include "cli/live_view.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace lmstress::cli {

namespace {

/// A job in the background that writes to its terminal is stopped where the terminal is set so
/// (stty tostop), with all that it measures; a thread that blocks the signal just writes.
void never_stop_for_output() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

live_view::live_view(const measure::live_counters& counters, const clock& time, const settings& s)
    : counters_(counters),
      time_(time),
      run_start_(s.run_start),
      progress_(s.progress),
      screen_(standard_error()),
      painter_(counters, *screen_,
               {.model = s.model, .colour = colour_allowed(), .quiet = s.quiet}),
      thread_([this](const std::stop_token& stop) { show(stop); }) {}

void live_view::hand_over(live_message message) {
    {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(std::move(message));
    }
    changed_.notify_all();
}

void live_view::show(const std::stop_token& stop) {
    never_stop_for_output();
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        const auto messages = std::exchange(waiting_, {});
        lock.unlock();
        nanoseconds next = painter_.step(time_.now() - run_start_, messages);
        if (progress_ != nullptr) {
            next = std::min(next, progress_->look(counters_, time_.now() - run_start_));
        }
        lock.lock();
        changed_.wait_until(lock, stop, run_start_ + next, [this] { return !waiting_.empty(); });
    }
    painter_.end(time_.now() - run_start_, waiting_);
}

void live_view::close() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

}  // namespace lmstress::cli
