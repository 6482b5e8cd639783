#pragma once

#include "analyze/measured_level.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// A figure that two levels are compared by: a path of summary.json below a level.
struct figure {
    std::string name;  ///< "ttft_ms.p95", "throughput.output_tokens_per_second"
    bool lower_is_better = true;
};

/// A figure's data in groups that follow one another in time. Requests that ran together waited in
/// one queue and were decoded in one batch, so a group is whole requests (or, of a rate, a stretch
/// of the window), and what is drawn anew by a bootstrap are groups: a bootstrap of single values
/// would take likeness for evidence.
class figure_sample {
  public:
    virtual ~figure_sample() = default;

    [[nodiscard]] virtual std::size_t groups() const = 0;
    /// What the figure is made of: requests with a value; of a rate, the requests of the level.
    [[nodiscard]] virtual std::uint64_t count() const = 0;
    /// The figure, were each group there as often as `times` says. Infinite where so many of its
    /// requests were cut that it lies beyond all that is known; nothing where there is no value.
    /// Precondition: a number for each group.
    [[nodiscard]] virtual std::optional<double> value(
        std::span<const std::uint32_t> times) const = 0;
};

/// The figure of a level, or null where summary.json has no figure of that name that this could
/// work out: p50, p90, p95 and p99 of a metric, and the rates of `throughput`.
[[nodiscard]] std::unique_ptr<figure_sample> sample_of(std::string_view figure_name,
                                                       const measured_level& level);

/// How many of n requests go into one group: as many as run at once, so that a group holds what
/// waited together; more where there are thousands, and fewer where that would leave less than 20
/// groups to draw from.
[[nodiscard]] std::size_t group_size(std::size_t n, std::size_t streams) noexcept;

}  // namespace lmstress::analyze
