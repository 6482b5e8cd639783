#include "measure/live_counters.hpp"

#include <algorithm>
#include <chrono>

namespace lmstress::measure {

void live_counters::publish(const live_plan& plan) {
    plans_.push_back(plan);
    plan_.store(&plans_.back(), std::memory_order_release);
}

void live_counters::begin_model_load(nanoseconds at) {
    publish({.at = live_plan::stage::loading, .begin = at});
}

void live_counters::begin_level(const live_plan& plan) {
    forget_level();
    publish(plan);
}

void live_counters::begin_drain(nanoseconds end) {
    if (plans_.empty()) return;
    live_plan plan = plans_.back();
    plan.at = live_plan::stage::draining;
    plan.drain_end = end;
    publish(plan);
}

/// Subtleness ahead: who sees any of the zeros written here also sees, behind its own fence, that
/// the plan which its other figures belong to is gone, and throws them away.
void live_counters::forget_level() noexcept {
    plan_.store(nullptr, relaxed);
    std::atomic_thread_fence(std::memory_order_release);
    measured_requests_.store(0, relaxed);
    for (cells& histogram : ttft_) {
        for (cell& c : histogram) c.store(0, relaxed);
    }
}

void live_counters::first_token(run_phase phase, nanoseconds ttft) noexcept {
    const auto us = std::chrono::round<std::chrono::microseconds>(ttft).count();
    const auto bounded = std::clamp<std::int64_t>(us, 0, histogram_layout::limit_us);
    const std::size_t index = histogram_layout::cell_of(static_cast<std::uint64_t>(bounded));
    add(ttft_[static_cast<std::size_t>(phase)][index], 1);
}

void live_counters::request_ended(const request_record& record) noexcept {
    in_flight_.store(in_flight_.load(relaxed) - 1, relaxed);
    if (record.ended == outcome::failed || record.ended == outcome::timed_out) add(errors_, 1);
    if (record.phase == run_phase::measured) add(measured_requests_, 1);
    if (record.output_tokens && record.events > 0) {
        add(counted_tokens_, *record.output_tokens);
        add(counted_events_, record.events);
    }
}

void live_counters::request_unsent(run_phase phase, outcome how) noexcept {
    if (how == outcome::shed) add(shed_, 1);
    if (phase == run_phase::measured) add(measured_requests_, 1);
}

std::optional<live_quantiles> live_counters::quantiles_of(const cells& histogram) {
    dense_histogram copy;
    for (std::size_t i = 0; i < histogram.size(); ++i) {
        const std::uint32_t times = histogram[i].load(relaxed);
        if (times == 0) continue;
        const auto us = static_cast<std::int64_t>(histogram_layout::lowest_in(i));
        copy.record(std::chrono::microseconds{us}, times);
    }
    if (copy.exact().total() == 0) return std::nullopt;
    return live_quantiles{.p50 = copy.percentile(50), .p95 = copy.percentile(95)};
}

std::optional<live_snapshot> live_counters::snapshot(nanoseconds now) const {
    const live_plan* plan = plan_.load(std::memory_order_acquire);
    if (plan == nullptr) return std::nullopt;
    live_snapshot s{.taken = now, .plan = *plan};
    if (const double loaded = loaded_.load(relaxed); loaded >= 0) s.loaded = loaded;
    s.in_flight = in_flight_.load(relaxed);
    s.arrivals = arrivals_.load(relaxed);
    s.shed = shed_.load(relaxed);
    s.errors = errors_.load(relaxed);
    s.measured_requests = measured_requests_.load(relaxed);
    s.token_events = token_events_.load(relaxed);
    const std::uint64_t events = counted_events_.load(relaxed);
    const std::uint64_t tokens = counted_tokens_.load(relaxed);
    if (events > 0) {
        s.tokens_per_event = static_cast<double>(tokens) / static_cast<double>(events);
    }
    s.warmup_ttft = quantiles_of(ttft_[static_cast<std::size_t>(run_phase::warmup)]);
    s.measured_ttft = quantiles_of(ttft_[static_cast<std::size_t>(run_phase::measured)]);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (plan_.load(relaxed) != plan) return std::nullopt;
    return s;
}

}  // namespace lmstress::measure
