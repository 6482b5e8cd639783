#include "load/self_watch.hpp"

#include "measure/distribution.hpp"

#include <cmath>

namespace lmstress::load {
namespace {

constexpr nanoseconds every = std::chrono::milliseconds{10};
/// A window that is shorter says little of what a process uses; the drain is then counted too.
constexpr nanoseconds shortest_window = std::chrono::seconds{1};

}  // namespace

self_watch::self_watch(clock& time, const measure::window& measured)
    : time_(time), measured_(measured), timer_(time, [this] { tick(); }) {}

self_watch::usage self_watch::now() const {
    return {time_.now(), net::platform::process_now()};
}

void self_watch::begin() {
    first_ = now();
    in_window_ = first_.at >= measured_.begin;
    begun_ = first_.at;
    next_tick();
    timer_.set(due_);
}

/// Somewhere in each 10 ms, and everywhere in them alike: ticks that came every 10 ms would meet
/// each step of a server whose tokens come every 300 ms, or none.
void self_watch::next_tick() {
    ++ticks_;
    constexpr double golden = 0.618'033'988'749'895;
    const double turns = static_cast<double>(ticks_) * golden;
    const double part = turns - std::floor(turns);
    const auto phase = static_cast<std::int64_t>(part * static_cast<double>(every.count()));
    due_ = begun_ + ticks_ * every + nanoseconds{phase};
}

/// What would have been due while the loop was held up counts as well, each with its own lateness:
/// the histogram is that of something that happens at any time, and a stall of 200 ms weighs as
/// much as twenty ticks.
void self_watch::tick() {
    const instant at = time_.now();
    if (!in_window_ && at >= measured_.begin) {
        in_window_ = true;
        first_ = now();
    }
    for (; due_ <= at; next_tick()) {
        if (due_ >= measured_.begin) lag_.record(at - due_);
    }
    timer_.set(due_);
}

void self_watch::window_over() {
    if (!last_ && in_window_ && time_.now() - first_.at >= shortest_window) last_ = now();
}

client_figures self_watch::end() {
    timer_.cancel();
    if (!last_) last_ = now();
    return {.cpu = last_->process.cpu - first_.process.cpu,
            .wall = last_->at - first_.at,
            .max_rss_bytes = net::platform::process_now().max_rss_bytes,
            .read_lag = {},
            .loop_lag = measure::sparse_of(lag_)};
}

}  // namespace lmstress::load
