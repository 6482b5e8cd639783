#pragma once

#include <cstdint>
#include <optional>

namespace lmstress::measure {

/// The confidence of every interval that is printed or stored.
inline constexpr double confidence = 0.95;

/// Ranks, from 1 to n, of the two values of a sorted sample that enclose a quantile. A side on
/// which n is too small to have such a value is absent.
struct rank_interval {
    std::optional<std::uint64_t> low;
    std::optional<std::uint64_t> high;
    friend bool operator==(const rank_interval&, const rank_interval&) = default;
};

/// Which values of a sample of n independent ones enclose its quantile p, whatever their
/// distribution, with at least that confidence: the number of values below the quantile is
/// Bin(n, p), so low is the largest j with P(B < j) <= alpha / 2 and high the smallest k with
/// P(B < k) >= 1 - alpha / 2 (David and Nagaraja, Order Statistics, 7.1; Le Boudec, Performance
/// Evaluation, 2.2). Precondition: 0 < p < 1.
[[nodiscard]] rank_interval ranks_around(double p, std::uint64_t n, double with = confidence);

struct share_interval {
    double low;
    double high;
};
/// Clopper and Pearson's interval of a share that was seen among n independent ones; n may be an
/// effective number, of a cluster sample (Korn and Graubard, Survey Methodology 24, 1998).
[[nodiscard]] share_interval share_around(double share, double n, double with = confidence);

/// P(Bin(n, p) <= k).
[[nodiscard]] double binomial_cdf(std::uint64_t k, std::uint64_t n, double p);

/// The two-sided bound of Student's distribution: P(|T| <= x) = with.
[[nodiscard]] double student_bound(double degrees_of_freedom, double with = confidence);

}  // namespace lmstress::measure
