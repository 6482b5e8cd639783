#include "measure/in_flight.hpp"

#include "measure/steady_state.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace lmstress::measure {
namespace {

using window = flight;

/// The last moment that a record knows of.
nanoseconds last_of(const request_record& r, nanoseconds begin) {
    nanoseconds last = begin;
    for (std::size_t i = 0; i < moment_count; ++i) {
        last = std::max(last, r.moments.get(static_cast<moment>(i)).value_or(last));
    }
    return last;
}

std::vector<flight> within(const std::vector<flight>& all, const window& w) {
    std::vector<flight> cut;
    for (const flight& f : all) {
        const flight inside{std::max(f.begin, w.begin), std::min(f.end, w.end)};
        if (inside.begin < inside.end) cut.push_back(inside);
    }
    return cut;
}

/// At one instant, one that ends makes room for one that begins.
std::uint64_t most_of(const std::vector<flight>& flights) {
    std::vector<nanoseconds> begins;
    std::vector<nanoseconds> ends;
    for (const flight& f : flights) {
        begins.push_back(f.begin);
        ends.push_back(f.end);
    }
    std::sort(begins.begin(), begins.end());
    std::sort(ends.begin(), ends.end());
    std::size_t ended = 0;
    std::uint64_t most = 0;
    for (std::size_t begun = 0; begun < begins.size(); ++begun) {
        while (ends[ended] <= begins[begun]) ++ended;
        most = std::max<std::uint64_t>(most, begun + 1 - ended);
    }
    return most;
}

/// The mean in flight over each of a hundred equal stretches.
std::vector<timed_value> series_of(const std::vector<flight>& flights, const window& w) {
    constexpr nanoseconds::rep stretches = 100;
    const nanoseconds each = (w.end - w.begin) / stretches;
    if (each <= nanoseconds{0}) return {};
    std::vector<nanoseconds> time(stretches);
    for (const flight& f : flights) {
        nanoseconds at = f.begin - w.begin;
        const nanoseconds end = std::min(f.end - w.begin, each * stretches);
        while (at < end) {
            const nanoseconds::rep i = at / each;
            const nanoseconds until = std::min(end, each * (i + 1));
            time[static_cast<std::size_t>(i)] += until - at;
            at = until;
        }
    }
    std::vector<timed_value> series;
    nanoseconds middle = each / 2;
    for (const nanoseconds t : time) {
        series.push_back(
            {middle, static_cast<double>(t.count()) / static_cast<double>(each.count())});
        middle += each;
    }
    return series;
}

/// Where a rate changes by itself, so does what is in flight: its growth is told all the same, but
/// says nothing about the server.
void fill_growth(load_figures& f, const std::vector<flight>& flights, const window& w,
                 bool steady_load) {
    const auto trend = drift_of(batch_means{series_of(flights, w), w.end - w.begin});
    if (!trend) return;
    f.in_flight_growth = trend->change * f.in_flight_mean;
    // Less than one request more is no queue.
    f.grows = steady_load && trend->significant && *f.in_flight_growth > 1;
}

}  // namespace

std::optional<flight> flight_of(const request_record& r) {
    const auto sent = r.moments.get(moment::send_start);
    if (!sent || r.from_cache) return std::nullopt;
    if (r.cut) return flight{*sent, *r.cut};
    if (r.broke) return flight{*sent, *r.broke};
    return flight{*sent, r.moments.get(moment::end).value_or(last_of(r, *sent))};
}

std::optional<nanoseconds> send_lag_of(const request_record& r) {
    if (r.retries > 0) return std::nullopt;
    if (r.ended == outcome::shed && r.cut) {
        return *r.cut - r.moments.get(moment::intended).value_or(*r.cut);
    }
    const auto connecting = r.moments.between(moment::intended, moment::connect_start);
    return connecting ? connecting : r.moments.between(moment::intended, moment::send_start);
}

void in_flight::add(const request_record& r) {
    if (const auto f = flight_of(r)) flights_.push_back(*f);
    if (r.phase != run_phase::measured) return;
    sent_ += r.moments.has(moment::send_start);
    shed_late_ += r.ended == outcome::shed && r.cut;
}

std::optional<load_figures> in_flight::result(const level_setup& setup,
                                              const level_course& course) const {
    if (!course.window_begin || !course.window_end) return std::nullopt;
    const window w{*course.window_begin, *course.window_end};
    if (w.end <= w.begin) return std::nullopt;
    const auto length = static_cast<double>((w.end - w.begin).count());
    const auto flights = within(flights_, w);
    nanoseconds sum{0};
    for (const flight& f : flights) sum += f.end - f.begin;
    load_figures out;
    if (setup.open) out.achieved_rate = static_cast<double>(sent_) / (length / 1e9);
    out.in_flight_mean = static_cast<double>(sum.count()) / length;
    out.in_flight_max = most_of(flights);
    out.shed_late = shed_late_;
    fill_growth(out, flights, w, setup.open && setup.open->steady);
    if (course.in_flight_time && course.in_flight_time->count() > 0) {
        const nanoseconds off = *course.in_flight_time - sum;
        out.littles_residual = static_cast<double>(std::abs(off.count())) /
                               static_cast<double>(course.in_flight_time->count());
    }
    return out;
}

}  // namespace lmstress::measure
