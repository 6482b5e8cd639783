#include "analyze/level_series.hpp"

#include "measure/in_flight.hpp"
#include "measure/request_metrics.hpp"

#include <algorithm>
#include <optional>

namespace lmstress::analyze {
namespace {

/// Time that is spent in equal parts of a window.
class time_by_part {
  public:
    time_by_part(nanoseconds begin, nanoseconds end, std::size_t parts)
        : begin_(static_cast<double>(begin.count())),
          each_(static_cast<double>((end - begin).count()) / static_cast<double>(parts)),
          spent_(parts) {}

    void add(nanoseconds from, nanoseconds to) {
        const double a = place(from);
        const double b = place(to);
        any_ = any_ || b > a;
        for (auto i = static_cast<std::size_t>(a); i < spent_.size(); ++i) {
            const auto low = static_cast<double>(i);
            if (low >= b) break;
            spent_[i] += std::min(b, low + 1) - std::max(a, low);
        }
    }
    /// The mean number of those that spent it; empty where there were none.
    [[nodiscard]] std::vector<double> means() const {
        return any_ ? spent_ : std::vector<double>{};
    }

  private:
    [[nodiscard]] double place(nanoseconds t) const {
        const double p = (static_cast<double>(t.count()) - begin_) / each_;
        return std::clamp(p, 0.0, static_cast<double>(spent_.size()));
    }

    double begin_;
    double each_;
    std::vector<double> spent_;
    bool any_ = false;
};

}  // namespace

occupancy_series occupancy_over_time(const measured_level& level, std::size_t parts) {
    const level_course& c = level.summary.course;
    if (!c.window_begin || !c.window_end || *c.window_end <= *c.window_begin || parts == 0) {
        return {};
    }
    time_by_part in_flight{*c.window_begin, *c.window_end, parts};
    time_by_part decoding = in_flight;
    time_by_part prefilling = in_flight;
    for (const request_record& r : level.requests) {
        if (const auto f = measure::flight_of(r)) in_flight.add(f->begin, f->end);
        if (r.from_cache) continue;
        const auto between = [&](moment from, moment to, time_by_part& into) {
            const auto a = r.moments.get(from);
            const auto b = r.moments.get(to);
            if (a && b && *b > *a) into.add(*a, *b);
        };
        between(moment::first_token, moment::last_token, decoding);
        between(moment::prefill_start, moment::prefill_end, prefilling);
    }
    return {in_flight.means(), decoding.means(), prefilling.means()};
}

std::vector<measure::timed_value> by_send(const measured_level& level, std::string_view metric) {
    const measure::request_metric* m = measure::request_metric_named(metric);
    std::vector<measure::timed_value> out;
    if (m == nullptr || m->of == nullptr) return out;
    for (const request_record& r : level.requests) {
        const auto sent = r.moments.get(moment::send_start);
        const auto v = r.phase == run_phase::measured && !r.from_cache ? m->of(r) : std::nullopt;
        if (sent && v) out.push_back({*sent, *v});
    }
    return out;
}

std::vector<measure::timed_value> gaps_by_time(const measured_level& level) {
    std::vector<measure::timed_value> out;
    for (const request_record& r : level.requests) {
        for (std::size_t i = 1; i < r.event_times.size(); ++i) {
            const nanoseconds gap = r.event_times[i] - r.event_times[i - 1];
            out.push_back({r.event_times[i], static_cast<double>(gap.count()) / 1e6});
        }
    }
    return out;
}

}  // namespace lmstress::analyze
