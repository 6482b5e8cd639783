#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace lmstress::wire {

/// Three digits, or all before the point where there are more; never an exponent for what is large.
[[nodiscard]] inline std::string short_number(double v) {
    return std::abs(v) < 999.5 ? fmt::format("{:.3g}", v) : fmt::format("{:.0f}", v);
}

/// "1 request/s", "2.5 requests/s".
[[nodiscard]] inline std::string rate_text(double per_second) {
    return fmt::format("{:.4g} request{}/s", per_second, per_second == 1 ? "" : "s");
}

}  // namespace lmstress::wire
