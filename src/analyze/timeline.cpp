#include "analyze/timeline.hpp"

#include "measure/in_flight.hpp"

#include <algorithm>
#include <utility>

namespace lmstress::analyze {
namespace {

/// How long it waited for its first token, or for the end where none came.
nanoseconds wait_of(const request_record& r, const measure::flight& f) {
    return r.moments.get(moment::first_token).value_or(f.end) - f.begin;
}

/// Of an answer that came all at once, as embeddings do, nothing says what it was spent on.
nanoseconds unknown_of(const request_record& r, const measure::flight& f) {
    return r.ended == outcome::completed ? f.end - f.begin : nanoseconds{0};
}

/// The longest of them, in the order in which they came.
std::vector<stall> longest_of(std::vector<stall> all) {
    if (all.size() <= most_stalls) return all;
    const auto rest = all.begin() + most_stalls;
    std::nth_element(all.begin(), rest, all.end(),
                     [](const stall& a, const stall& b) { return a.length > b.length; });
    all.erase(rest, all.end());
    std::sort(all.begin(), all.end(),
              [](const stall& a, const stall& b) { return a.begin < b.begin; });
    return all;
}

void add_stalls(timeline_bar& bar, nanoseconds limit) {
    std::vector<stall> all = stalls_of(*bar.request, limit);
    bar.stall_count = all.size();
    for (const stall& s : all) bar.stalled += s.length;
    bar.stalls = longest_of(std::move(all));
}

}  // namespace

std::optional<nanoseconds> stall_limit(const level_summary& level) {
    constexpr double times = 5;
    constexpr double least_ms = 50;
    const distribution* gaps = level.metric("event_gap_ms");
    if (gaps == nullptr) return std::nullopt;
    return nanoseconds{static_cast<std::int64_t>(1e6 * std::max(times * gaps->p50, least_ms))};
}

std::vector<stall> stalls_of(const request_record& r, nanoseconds limit) {
    std::vector<stall> out;
    for (std::size_t i = 1; i < r.event_times.size(); ++i) {
        const nanoseconds gap = r.event_times[i] - r.event_times[i - 1];
        if (gap >= limit) out.push_back({r.event_times[i - 1], gap});
    }
    const auto last = r.moments.get(moment::last_token);
    const auto ended = r.cut ? r.cut : r.broke;
    if (last && ended && *ended - *last >= limit) out.push_back({*last, *ended - *last});
    return out;
}

std::vector<timeline_bar> timeline_of(const measured_level& level, std::size_t most) {
    const auto zero = level.summary.course.window_begin;
    if (!zero) return {};
    struct sent {
        const request_record* request;
        measure::flight flight;
    };
    std::vector<sent> all;
    for (const request_record& r : level.requests) {
        if (r.phase != run_phase::measured) continue;
        if (const auto f = measure::flight_of(r)) all.push_back({&r, *f});
    }
    std::sort(all.begin(), all.end(), [](const sent& a, const sent& b) {
        return std::pair{a.flight.begin, a.request->index} <
               std::pair{b.flight.begin, b.request->index};
    });
    const auto longest = std::max_element(all.begin(), all.end(), [](const sent& a, const sent& b) {
        return wait_of(*a.request, a.flight) < wait_of(*b.request, b.flight);
    });
    const auto place = static_cast<std::size_t>(longest - all.begin());
    const std::size_t last_begin = all.size() > most ? all.size() - most : 0;
    const std::size_t begin = std::min(place > most / 2 ? place - most / 2 : 0, last_begin);
    const auto limit = stall_limit(level.summary);
    std::vector<timeline_bar> out;
    for (std::size_t i = begin; i < all.size() && out.size() < most; ++i) {
        const request_record& r = *all[i].request;
        timeline_bar bar{.request = &r,
                         .phases = phases_of(r, *zero).value_or(
                             request_phases{.index = r.index,
                                            .begin = all[i].flight.begin - *zero,
                                            .unknown = unknown_of(r, all[i].flight)}),
                         .end = all[i].flight.end - *zero};
        if (limit) add_stalls(bar, *limit);
        out.push_back(std::move(bar));
    }
    return out;
}

}  // namespace lmstress::analyze
