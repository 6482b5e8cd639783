#pragma once

#include "lmstress/summary.hpp"
#include "measure/quantile_interval.hpp"

#include <cstdint>

namespace lmstress::measure {

/// How many of those that were counted have something.
struct counted_share {
    std::uint64_t hits = 0;
    std::uint64_t n = 0;
};

/// The interval of the difference b - a of two shares that were seen in independent samples:
/// Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, 873-890, method 10). With d
/// the difference seen, and l to u Wilson's score interval of each share p, whose bounds solve
/// |p - x| = z sqrt(x (1 - x) / n), it reaches
///
///     from  d - sqrt((pb - lb)^2 + (ua - pa)^2)  to  d + sqrt((ub - pb)^2 + (pa - la)^2),
///
/// so that it is known and of use also where none or all of a sample have it. Precondition: neither
/// sample is empty.
[[nodiscard]] interval share_difference(const counted_share& a, const counted_share& b,
                                        double with = confidence);

}  // namespace lmstress::measure
