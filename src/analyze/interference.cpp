#include "analyze/interference.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace lmstress::analyze {
namespace {

constexpr std::size_t least_gaps = 20;
constexpr std::size_t resamples = 1000;

struct stretch {
    nanoseconds from;
    nanoseconds to;
};

/// The gaps of one request, by what went on beside them, in milliseconds.
struct gaps_of_request {
    std::vector<double> during;
    std::vector<double> apart;
};

std::vector<std::pair<stretch, std::uint64_t>> prompts_of(const measured_level& level) {
    std::vector<std::pair<stretch, std::uint64_t>> out;
    for (const request_record& r : level.requests) {
        const auto from = r.moments.get(moment::prefill_start);
        const auto to = r.moments.get(moment::prefill_end);
        if (from && to && *to > *from) out.push_back({{*from, *to}, r.index});
    }
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.first.from < b.first.from; });
    return out;
}

/// How much of a gap other requests' prompts fill; more than all of it where there are several.
nanoseconds filled(const stretch& gap,
                   const std::vector<std::pair<stretch, std::uint64_t>>& prompts,
                   nanoseconds longest, std::uint64_t own) {
    nanoseconds sum{0};
    auto at = std::lower_bound(prompts.begin(), prompts.end(), gap.from - longest,
                               [](const auto& p, nanoseconds t) { return p.first.from < t; });
    for (; at != prompts.end() && at->first.from < gap.to; ++at) {
        if (at->second == own) continue;
        const nanoseconds from = std::max(gap.from, at->first.from);
        const nanoseconds to = std::min(gap.to, at->first.to);
        if (to > from) sum += to - from;
    }
    return sum;
}

std::vector<gaps_of_request> sorted_out(const measured_level& level) {
    const auto prompts = prompts_of(level);
    nanoseconds longest{0};
    for (const auto& [p, index] : prompts) longest = std::max(longest, p.to - p.from);
    const level_course& course = level.summary.course;
    std::vector<gaps_of_request> out;
    for (const request_record& r : level.requests) {
        gaps_of_request gaps;
        for (std::size_t i = 1; i < r.event_times.size(); ++i) {
            const stretch gap{r.event_times[i - 1], r.event_times[i]};
            if (gap.from < *course.window_begin || gap.to > *course.window_end) continue;
            const nanoseconds beside = filled(gap, prompts, longest, r.index);
            const double ms = static_cast<double>((gap.to - gap.from).count()) / 1e6;
            if (2 * beside >= gap.to - gap.from && beside.count() > 0) {
                gaps.during.push_back(ms);
            } else if (beside.count() == 0) {
                gaps.apart.push_back(ms);
            }
        }
        if (!gaps.during.empty() || !gaps.apart.empty()) out.push_back(std::move(gaps));
    }
    return out;
}

double median(std::vector<double>& values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

struct pooled {
    std::vector<double> during;
    std::vector<double> apart;
    void add(const gaps_of_request& g) {
        during.insert(during.end(), g.during.begin(), g.during.end());
        apart.insert(apart.end(), g.apart.begin(), g.apart.end());
    }
};

}  // namespace

std::optional<prefill_interference> interference_of(const measured_level& level,
                                                    std::uint64_t seed) {
    const level_course& course = level.summary.course;
    if (!course.window_begin || !course.window_end) return std::nullopt;
    const auto requests = sorted_out(level);
    pooled all;
    for (const auto& r : requests) all.add(r);
    if (all.during.size() < least_gaps || all.apart.size() < least_gaps) return std::nullopt;
    prefill_interference out{.during_ms = median(all.during),
                             .else_ms = median(all.apart),
                             .gaps_during = all.during.size(),
                             .gaps_else = all.apart.size()};
    if (out.else_ms <= 0) return std::nullopt;
    out.ratio = out.during_ms / out.else_ms;
    std::mt19937_64 random{seed};
    std::vector<double> ratios;
    for (std::size_t i = 0; i < resamples; ++i) {
        pooled drawn;
        for (std::size_t k = 0; k < requests.size(); ++k)
            drawn.add(requests[random() % requests.size()]);
        if (drawn.during.empty() || drawn.apart.empty()) continue;
        ratios.push_back(median(drawn.during) / median(drawn.apart));
    }
    std::sort(ratios.begin(), ratios.end());
    const auto at = [&](double p) {
        return ratios[static_cast<std::size_t>(
            std::lround(p * static_cast<double>(ratios.size() - 1)))];
    };
    const double tail = (1 - measure::confidence) / 2;
    if (ratios.size() > resamples / 2) out.ci95 = interval{at(tail), at(1 - tail)};
    return out;
}

}  // namespace lmstress::analyze
