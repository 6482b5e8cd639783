#pragma once

#include "lmstress/histogram.hpp"
#include "lmstress/summary.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace lmstress::measure {

/// The gaps of a level in groups of whole requests. The gaps of a request are alike (its answer is
/// decoded in one batch, behind one queue), so a thousand gaps of ten requests say little more than
/// ten: what their quantiles are worth is seen from how the groups differ.
///
/// The interval of a quantile is Woodruff's (JASA 47, 1952): the share of gaps at or below a value
/// is a ratio of two sums over the groups; its variance is that of a ratio estimator with the
/// groups as its clusters (Cochran, Sampling Techniques, 6.3). It gives the number of independent
/// gaps that would say as much, that number the interval of the share (Korn and Graubard, Survey
/// Methodology 24, 1998), and this is carried back to quantiles. Nothing is drawn at random, and
/// the memory does not grow with the requests.
class gap_groups {
  public:
    /// A prime, so that requests that go over several APIs in turn still fall into all of them.
    static constexpr std::size_t count = 61;

    /// The gaps of one request; those of one without any are not counted.
    void add(std::uint64_t request_index, const sparse_histogram& gaps);
    /// In milliseconds, around the p-quantile of all gaps; nothing where too few requests have any:
    /// 64, and 512 beyond p = 0.95.
    [[nodiscard]] std::optional<interval> around(double p) const;
    [[nodiscard]] quantile_intervals intervals() const {
        return {around(0.50), around(0.90), around(0.95), around(0.99)};
    }
    [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }

  private:
    std::array<sparse_histogram, count> groups_;
    std::uint64_t requests_ = 0;
};

}  // namespace lmstress::measure
