#pragma once

#include "lmstress/clock.hpp"

#include <string>

namespace lmstress::report {

/// For plans, to a precision that one cares about: "48 s", "12 min 30 s", "2 h 5 min".
[[nodiscard]] std::string time_text(nanoseconds d);

}  // namespace lmstress::report
