#include "measure/survival.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace lmstress::measure {
namespace {

/// What a product of fractions may be off by.
constexpr double rounding = 1e-12;

}  // namespace

survival::survival(std::vector<observation> sample) {
    // Of equal ones those that ended go first: who was cut then was still waiting.
    std::sort(sample.begin(), sample.end(), [](const observation& a, const observation& b) {
        return std::tie(a.value, a.cut) < std::tie(b.value, b.cut);
    });
    double left = 1;
    double greenwood = 0;
    auto waiting = static_cast<double>(sample.size());
    for (auto at = sample.begin(); at != sample.end();) {
        const auto same = [&](const observation& o) {
            return o.value == at->value && o.cut == at->cut;
        };
        const auto next = std::find_if_not(at, sample.end(), same);
        const auto n = static_cast<double>(next - at);
        if (at->cut) {
            cut_ += static_cast<std::uint64_t>(next - at);
        } else {
            values_ += static_cast<std::uint64_t>(next - at);
            left *= (waiting - n) / waiting;
            greenwood += waiting > n ? n / (waiting * (waiting - n)) : 0;
            steps_.push_back({at->value, left, greenwood, values_});
        }
        waiting -= n;
        at = next;
    }
    if (!sample.empty()) last_ = sample.back().value;
}

double survival::at_rank(std::uint64_t rank) const {
    const auto at = std::lower_bound(
        steps_.begin(), steps_.end(), rank,
        [](const step& s, std::uint64_t wanted) { return s.at_or_below < wanted; });
    return at->value;
}

std::optional<double> survival::quantile(double p) const {
    if (cut_ == 0) {
        if (values_ == 0) return std::nullopt;
        return at_rank(rank_of_percentile(p * 100, values_));
    }
    for (const step& s : steps_) {
        if (1 - s.left >= p - rounding) return s.value;
    }
    return std::nullopt;
}

std::optional<interval> survival::by_ranks(double p) const {
    const auto ranks = ranks_around(p, values_);
    if (!ranks) return std::nullopt;
    return interval{at_rank(ranks->low), at_rank(ranks->high)};
}

std::optional<interval> survival::around(double p) const {
    if (cut_ == 0) return by_ranks(p);
    // As few as could not enclose the quantile if none were cut cannot when some are.
    if (!ranks_around(p, count())) return std::nullopt;
    const double wanted = std::log(-std::log(1 - p));
    const double reach = student_bound(1e6);
    std::optional<double> low;
    for (const step& s : steps_) {
        if (s.left <= 0) return low ? std::optional{interval{*low, s.value}} : std::nullopt;
        const double log_left = std::log(s.left);
        const double error = std::sqrt(s.greenwood) / std::abs(log_left);
        const double here = std::log(-log_left);
        if (!low && here + reach * error >= wanted) low = s.value;
        if (here - reach * error >= wanted) return interval{low.value_or(s.value), s.value};
    }
    return std::nullopt;
}

}  // namespace lmstress::measure
