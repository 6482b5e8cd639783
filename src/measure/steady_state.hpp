#pragma once

#include "lmstress/clock.hpp"

#include <optional>
#include <span>
#include <vector>

namespace lmstress::measure {

/// A value and when it was seen, since the beginning of what is looked at.
struct timed_value {
    nanoseconds at{0};
    double value = 0;
};

/// The means of a series over equal stretches of time, which are a fiftieth to a hundredth of it; a
/// stretch without a value has that of the one before. Empty where there is too little to look at:
/// fewer than 50 values, or than 10 s.
class batch_means {
  public:
    batch_means(std::span<const timed_value> series, nanoseconds span);

    [[nodiscard]] std::span<const double> values() const noexcept { return means_; }
    [[nodiscard]] nanoseconds each() const noexcept { return each_; }

  private:
    std::vector<double> means_;
    nanoseconds each_{0};
};

/// How much of the beginning looks unlike the rest: MSER (White, Cobb and Spratt 2000) over the
/// batch means, half of them at most. Zero where nothing does: where the rule's own choice is what
/// chance would do, and nothing where there is too little to look at. It is advice:
/// no rule that looks at the data finds every transient (Wang and Glynn, TOMACS 26, 2016).
[[nodiscard]] std::optional<nanoseconds> transient(const batch_means& batches);

/// A trend over the whole of a series.
struct drift {
    double change = 0;         ///< from its beginning to its end, as a share of its mean
    bool significant = false;  ///< at 1 %, the batches' own correlation allowed for
};
/// By least squares; nothing where there is too little to look at.
[[nodiscard]] std::optional<drift> drift_of(const batch_means& batches);

}  // namespace lmstress::measure
