#pragma once

#include "lmstress/summary.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace lmstress::analyze {

/// Throughput at a load: output tokens/s at so many streams (or requests/s).
struct load_point {
    double n = 0;
    double x = 0;
    double error = 0;  ///< standard error of x; 0: not known
};

/// The Universal Scalability Law (Gunther, arXiv:0808.1431):
///
///     X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
///
/// lambda is what one stream gets alone, sigma what they wait for one another, kappa what they
/// cost one another.
struct universal_law {
    double lambda = 0;
    double sigma = 0;
    double kappa = 0;
    [[nodiscard]] double at(double n) const noexcept {
        return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1));
    }
    /// Where throughput is greatest, sqrt((1 - sigma) / kappa); nothing where it never falls.
    [[nodiscard]] std::optional<double> peak() const noexcept;
};

/// A hard knee, as a fixed number of slots has: lambda for each stream up to the knee, and slope
/// for each one beyond it.
struct hinge_law {
    double lambda = 0;
    double knee = 0;
    double slope = 0;
    [[nodiscard]] double at(double n) const noexcept {
        return n <= knee ? lambda * n : lambda * knee + slope * (n - knee);
    }
};

enum class law : std::uint8_t { universal, hinge };

/// A fitted law: the better of the two by Akaike's criterion, corrected for few points.
struct scaling_law {
    law better = law::universal;
    universal_law universal;
    hinge_law hinge;
    double aic_universal = 0;
    double aic_hinge = 0;
    double r2 = 0;  ///< of the better one
    double largest_n = 0;
    /// 95 %, of the better one's parameters in their order above, by refitting to points drawn
    /// anew from their errors; empty where no point has one.
    std::vector<interval> ci95 = {};

    /// Whether the loads that were measured determine the better one's parameter of that number:
    /// the ends of its interval are within a factor of ten. An end that makes less than a hundredth
    /// of the throughput at twice the largest load is taken for that hundredth: zero and next to it
    /// are the same there. Without intervals it is not known that they do not.
    [[nodiscard]] bool determines(std::size_t parameter) const noexcept;
    /// All of them.
    [[nodiscard]] bool determined() const noexcept;
    /// Twice the largest load that was measured, for no law holds beyond; only that load where the
    /// law is not determined.
    [[nodiscard]] double holds_up_to() const noexcept;
    /// Nothing beyond holds_up_to().
    [[nodiscard]] std::optional<double> at(double n) const noexcept;
};

/// Points weigh by their errors (a hundredth of x at the least). Nothing for fewer than four
/// different loads, or a throughput that is not above zero.
[[nodiscard]] std::optional<scaling_law> fit_scaling_law(std::span<const load_point> points,
                                                         std::uint64_t seed);

/// The load at which the curve bends most, by Kneedle (Satopaa, Albrecht, Irwin and Raghavan 2011)
/// on the points as they are: a hint, no verdict. Nothing where it does not bend.
[[nodiscard]] std::optional<double> knee_of(std::span<const load_point> points);

}  // namespace lmstress::analyze
