#include "measure/quantile_interval.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace lmstress::measure {
namespace {

/// P(Bin(n, p) < j).
double below(std::uint64_t j, std::uint64_t n, double p) {
    return j == 0 ? 0.0 : binomial_cdf(j - 1, n, p);
}

/// The smallest j in [0, n + 1] with P(B < j) >= wanted.
std::uint64_t first_reaching(double wanted, std::uint64_t n, double p) {
    std::uint64_t low = 0;
    std::uint64_t high = n + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (below(middle, n, p) >= wanted) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
    if (k >= n) return 1.0;
    return boost::math::ibeta(static_cast<double>(n - k), static_cast<double>(k + 1), 1 - p);
}

rank_interval ranks_around(double p, std::uint64_t n, double with) {
    const double tail = (1 - with) / 2;
    const std::uint64_t high = first_reaching(1 - tail, n, p);
    // The largest j with P(B < j) <= tail is one before the first that exceeds it.
    const std::uint64_t exceeding = first_reaching(std::nextafter(tail, 1.0), n, p);
    rank_interval ranks;
    if (exceeding >= 2) ranks.low = exceeding - 1;
    if (high <= n) ranks.high = high;
    return ranks;
}

share_interval share_around(double share, double n, double with) {
    const double tail = (1 - with) / 2;
    const double hits = share * n;
    return {.low = hits <= 0 ? 0.0 : boost::math::ibeta_inv(hits, n - hits + 1, tail),
            .high = hits >= n ? 1.0 : boost::math::ibeta_inv(hits + 1, n - hits, 1 - tail)};
}

double student_bound(double degrees_of_freedom, double with) {
    const boost::math::students_t_distribution<double> t{degrees_of_freedom};
    return boost::math::quantile(t, 1 - (1 - with) / 2);
}

}  // namespace lmstress::measure
