#pragma once

#include <string_view>

namespace lmstress::report {

/// What to do about requests that ended so: `kind` is a failure kind or "timeout_<phase>". One
/// sentence; empty for a kind that is not known.
[[nodiscard]] std::string_view advice_on(std::string_view kind) noexcept;

}  // namespace lmstress::report
