#include "measure/share_difference.hpp"

#include <algorithm>
#include <cmath>

namespace lmstress::measure {
namespace {

double share_of(const counted_share& s) {
    return static_cast<double>(s.hits) / static_cast<double>(s.n);
}

/// Wilson's interval: the shares that what was seen is within z standard errors of.
share_interval wilson(const counted_share& s, double z) {
    const double n = static_cast<double>(s.n);
    const double p = share_of(s);
    const double centre = p + z * z / (2 * n);
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    const double scale = 1 + z * z / n;
    return {.low = std::max(0.0, (centre - half) / scale),
            .high = std::min(1.0, (centre + half) / scale)};
}

}  // namespace

interval share_difference(const counted_share& a, const counted_share& b, double with) {
    const double z = student_bound(1e7, with);
    const double pa = share_of(a);
    const double pb = share_of(b);
    const share_interval ia = wilson(a, z);
    const share_interval ib = wilson(b, z);
    return {pb - pa - std::hypot(pb - ib.low, ia.high - pa),
            pb - pa + std::hypot(ib.high - pb, pa - ia.low)};
}

}  // namespace lmstress::measure
