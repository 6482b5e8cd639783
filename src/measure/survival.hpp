#pragma once

#include "lmstress/summary.hpp"

#include <optional>
#include <vector>

namespace lmstress::measure {

/// A latency as far as it is known.
struct observation {
    double value;
    /// It had not ended by then: a timeout, or the end of the run. What it would have come to is
    /// more, and how much more nobody knows.
    bool cut = false;
};

/// The distribution of latencies some of which were cut, by Kaplan and Meier (JASA 53, 1958): those
/// that were cut count among the ones still waiting until they were, and say nothing after it. To
/// leave them out would leave out the slowest; to take their values as they are would call a
/// timeout an answer. Without any cut ones its quantiles are those of the sample (Hyndman-Fan type
/// 1).
class survival {
  public:
    explicit survival(std::vector<observation> sample);

    /// The smallest value with at least the share p at or below it. Nothing where so many were cut
    /// that it lies beyond every value that is known. Precondition: 0 < p < 1.
    [[nodiscard]] std::optional<double> quantile(double p) const;
    /// Around the p-quantile. Where nothing was cut: by order statistics. Else by Brookmeyer and
    /// Crowley (Biometrics 38, 1982), with Greenwood's variance on the scale of log(-log S), which
    /// keeps it between 0 and 1. A side that is not known, for n is too small or
    /// too many were cut, is infinite; nothing where neither is known.
    [[nodiscard]] std::optional<interval> around(double p) const;

    [[nodiscard]] std::uint64_t count() const noexcept { return values_ + cut_; }
    [[nodiscard]] std::uint64_t cut() const noexcept { return cut_; }
    /// Beyond this nothing is known; 0 for an empty sample.
    [[nodiscard]] double last() const noexcept { return last_; }

  private:
    /// At a value that was reached: what is left beyond it.
    struct step {
        double value;
        double left;       // the survival function from here on
        double greenwood;  // sum of d / (n (n - d)) up to here
        std::uint64_t at_or_below;
    };

    [[nodiscard]] std::optional<interval> by_ranks(double p) const;
    [[nodiscard]] double at_rank(std::uint64_t rank) const;

    std::vector<step> steps_;
    std::uint64_t values_ = 0;
    std::uint64_t cut_ = 0;
    double last_ = 0;
};

}  // namespace lmstress::measure
