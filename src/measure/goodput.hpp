#pragma once

#include "lmstress/summary.hpp"

#include <optional>
#include <span>

namespace lmstress::measure {

/// How many of these ends, each of a request that met the objective, come in each second of the
/// window, and 95 % around it. They come in waves, as requests that queued together end together,
/// so the interval is Student's over twenty stretches of the window; of fewer than twenty ends it
/// is the exact one of a Poisson process, which is wider than requests in turn would need. An
/// interval says how another window of this length would come out. Nothing where the window is
/// empty.
struct rate_figure {
    double per_second = 0;
    interval ci95;
};
[[nodiscard]] std::optional<rate_figure> goodput_of(std::span<const nanoseconds> ends,
                                                    nanoseconds window_begin,
                                                    nanoseconds window_end);

}  // namespace lmstress::measure
