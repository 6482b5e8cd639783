#include "measure/survival.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace lmstress::measure {
namespace {

/// What a product of fractions may be off by.
constexpr double rounding = 1e-12;
constexpr double unknown = std::numeric_limits<double>::infinity();

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
    const rank_interval ranks = ranks_around(p, values_);
    if (!ranks.low && !ranks.high) return std::nullopt;
    return interval{ranks.low ? at_rank(*ranks.low) : -unknown,
                    ranks.high ? at_rank(*ranks.high) : unknown};
}

std::optional<interval> survival::around(double p) const {
    if (cut_ == 0) return by_ranks(p);
    // As few as could not enclose the quantile if none were cut cannot when some are.
    const rank_interval possible = ranks_around(p, count());
    const double wanted = std::log(-std::log(1 - p));
    const double reach = student_bound(1e6);
    interval found{-unknown, unknown};
    for (const step& s : steps_) {
        // Of none left Greenwood knows no variance: that the greatest known is no cut one is
        // chance, and those cut before it may have come to any more.
        if (s.left <= 0) break;
        const double log_left = std::log(s.left);
        const double error = reach * std::sqrt(s.greenwood) / std::abs(log_left);
        const double here = std::log(-log_left);
        if (std::isinf(found.low) && here + error >= wanted) found.low = s.value;
        if (here - error < wanted) continue;
        found.high = s.value;
        break;
    }
    // Still too many are left at the last value that is known: the quantile lies beyond it.
    if (std::isinf(found.low) && !steps_.empty()) found.low = steps_.back().value;
    if (!possible.low) found.low = -unknown;
    if (!possible.high) found.high = unknown;
    if (std::isinf(found.low) && std::isinf(found.high)) return std::nullopt;
    return found;
}

}  // namespace lmstress::measure
