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

std::vector<gaps_by_company> sorted_out(const measured_level& level) {
    const auto prompts = prompts_of(level);
    nanoseconds longest{0};
    for (const auto& [p, index] : prompts) longest = std::max(longest, p.to - p.from);
    const level_course& course = level.summary.course;
    std::vector<gaps_by_company> out;
    for (const request_record& r : level.requests) {
        gaps_by_company gaps;
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

/// Gaps in order of their length, each with the request that it is of.
class ordered_gaps {
  public:
    void add(const std::vector<double>& gaps, std::uint32_t request) {
        for (const double gap : gaps) all_.push_back({gap, request});
    }
    void sort() { std::sort(all_.begin(), all_.end()); }
    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

    /// The median, were each request there as often as `times` says; nothing where none of them has
    /// a gap. The lower one of two.
    [[nodiscard]] std::optional<double> median(const std::vector<std::uint32_t>& times) const {
        std::uint64_t total = 0;
        for (const one& gap : all_) total += times[gap.request];
        if (total == 0) return std::nullopt;
        std::uint64_t left = (total - 1) / 2 + 1;
        for (const one& gap : all_) {
            if (times[gap.request] >= left) return gap.ms;
            left -= times[gap.request];
        }
        return std::nullopt;
    }

  private:
    struct one {
        double ms;
        std::uint32_t request;
        friend bool operator<(const one& a, const one& b) { return a.ms < b.ms; }
    };
    std::vector<one> all_;
};

void add(gaps_by_company& sum, const gaps_by_company& g) {
    sum.during.insert(sum.during.end(), g.during.begin(), g.during.end());
    sum.apart.insert(sum.apart.end(), g.apart.begin(), g.apart.end());
}

}  // namespace

gaps_by_company gaps_beside_prompts(const measured_level& level) {
    const level_course& course = level.summary.course;
    gaps_by_company all;
    if (!course.window_begin || !course.window_end) return all;
    for (const gaps_by_company& one : sorted_out(level)) add(all, one);
    return all;
}

std::optional<prefill_interference> interference_of(const measured_level& level,
                                                    std::uint64_t seed) {
    const level_course& course = level.summary.course;
    if (!course.window_begin || !course.window_end) return std::nullopt;
    const auto requests = sorted_out(level);
    ordered_gaps during;
    ordered_gaps apart;
    for (std::uint32_t i = 0; i < requests.size(); ++i) {
        during.add(requests[i].during, i);
        apart.add(requests[i].apart, i);
    }
    if (during.size() < least_gaps || apart.size() < least_gaps) return std::nullopt;
    during.sort();
    apart.sort();
    std::vector<std::uint32_t> times(requests.size(), 1);
    prefill_interference out{.during_ms = *during.median(times),
                             .else_ms = *apart.median(times),
                             .gaps_during = during.size(),
                             .gaps_else = apart.size()};
    if (out.else_ms <= 0) return std::nullopt;
    out.ratio = out.during_ms / out.else_ms;
    std::mt19937_64 random{seed};
    std::vector<double> ratios;
    for (std::size_t i = 0; i < resamples; ++i) {
        std::fill(times.begin(), times.end(), 0);
        for (std::size_t k = 0; k < requests.size(); ++k) ++times[random() % requests.size()];
        const auto one = during.median(times);
        const auto other = apart.median(times);
        if (one && other) ratios.push_back(*one / *other);
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
