#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/load_figures.hpp"
#include "lmstress/scenario.hpp"
#include "workload/trace.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// When the requests of an open loop are wanted. Pure: settings and a seed in, times out, all of
// them before the first one is sent; no answer can change them.

namespace lmstress::load {

/// A rate of arrivals over time that is made of straight pieces. After the last one its final rate
/// goes on.
class rate_curve {
  public:
    struct piece {
        nanoseconds length;
        double from;  ///< arrivals a second, at its beginning
        double to;    ///< and at its end
    };
    /// Precondition: there is a piece, and no rate is negative.
    explicit rate_curve(std::vector<piece> pieces);

    /// The arrivals to be expected until `t`: the integral of the rate.
    [[nodiscard]] double expected(nanoseconds t) const;
    /// When `n` of them are to be expected, its inverse; nanoseconds::max() for never.
    [[nodiscard]] nanoseconds when(double n) const;

  private:
    std::vector<piece> pieces_;
    std::vector<double> before_;  // expected until the beginning of each
};

/// The warm-up at the rate that the window begins with, then the window: of the settings' rates,
/// that of the level, or its steps, or its ramp. Precondition: they hold one, and no trace.
[[nodiscard]] rate_curve rate_over(const load_settings& load, std::size_t level);

/// Where a sequence of arrivals ends.
struct arrivals_end {
    nanoseconds at = nanoseconds::max();  ///< none at this time or later
    std::uint64_t most = UINT64_MAX;      ///< of those from `counted_from` on
    nanoseconds counted_from{0};
};

/// Arrivals whose gaps follow the law, at a rate that follows the curve. The same seed gives the
/// same arrivals, and at another constant rate the same ones closer together or further apart.
[[nodiscard]] std::vector<nanoseconds> make_arrivals(const arrival_law& law, const rate_curve& rate,
                                                     std::uint64_t seed, const arrivals_end& end);

/// The arrivals of a level, since its beginning, and what they are.
struct arrival_plan {
    std::vector<nanoseconds> at;
    open_load load;
};
/// By the settings' own law and rates, or as in the trace that they name. `apis` share the level,
/// and a number of requests is that of each.
[[nodiscard]] arrival_plan plan_arrivals(const load_settings& load, std::size_t level,
                                         std::uint64_t seed, std::size_t apis,
                                         std::span<const workload::trace_entry> trace = {});

}  // namespace lmstress::load
