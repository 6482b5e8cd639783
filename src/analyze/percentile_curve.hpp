#pragma once

#include "lmstress/histogram.hpp"
#include "measure/distribution.hpp"

#include <cstdint>
#include <vector>

namespace lmstress::analyze {

/// The whole of a distribution, denser and denser towards its tail, as HdrHistogram prints it.
struct percentile_curve {
    struct point {
        double percent;  ///< 0 to under 100
        double value;
    };
    std::vector<point> points = {};
    std::uint64_t count = 0;  ///< values that are known
    std::uint64_t cut = 0;    ///< requests that were cut before they had one
};

/// 0, 10, 20 ... 50, 55 ... 75, 77.5 ...: five steps in each half of what is left, as far as n
/// values tell them apart.
[[nodiscard]] std::vector<double> percentages_for(std::uint64_t n);

/// Quantiles as everywhere (measure::survival); those that lie beyond all that is known are left
/// out.
[[nodiscard]] percentile_curve curve_of(const measure::metric_sample& sample);
/// In milliseconds.
[[nodiscard]] percentile_curve curve_of(const dense_histogram& h);

}  // namespace lmstress::analyze
