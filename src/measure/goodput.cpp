#include "measure/goodput.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace lmstress::measure {
namespace {

constexpr std::size_t stretches = 20;
using stretch_counts = std::array<double, stretches>;

/// Of a count, which Clopper and Pearson's interval of that many among very many is.
interval poisson_interval(double count) {
    constexpr double many = 1e6;
    const share_interval share = share_around(count / many, many);
    return {share.low * many, share.high * many};
}

/// Of the sum over the stretches.
interval student_interval(const stretch_counts& counts, double sum) {
    constexpr double n = stretches;
    double squares = 0;
    for (const double c : counts) squares += (c - sum / n) * (c - sum / n);
    const double half = n * student_bound(n - 1) * std::sqrt(squares / (n - 1) / n);
    return {std::max(0.0, sum - half), sum + half};
}

}  // namespace

std::optional<rate_figure> goodput_of(std::span<const nanoseconds> ends, nanoseconds window_begin,
                                      nanoseconds window_end) {
    const auto length = static_cast<double>((window_end - window_begin).count());
    if (length <= 0) return std::nullopt;
    stretch_counts counts{};
    for (const nanoseconds at : ends) {
        if (at < window_begin || at >= window_end) continue;
        const double share = static_cast<double>((at - window_begin).count()) / length;
        ++counts[std::min(stretches - 1, static_cast<std::size_t>(share * stretches))];
    }
    const double sum = std::accumulate(counts.begin(), counts.end(), 0.0);
    const interval around = sum < stretches ? poisson_interval(sum) : student_interval(counts, sum);
    const double seconds = length / 1e9;
    return rate_figure{sum / seconds, {around.low / seconds, around.high / seconds}};
}

}  // namespace lmstress::measure
