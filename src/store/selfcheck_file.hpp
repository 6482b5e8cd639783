#pragma once

#include "lmstress/selfcheck.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace lmstress::store {

/// What selfcheck.json says of this version on that host and processor (docs/selfcheck.md); nothing
/// where it is of another, or cannot be read.
[[nodiscard]] std::optional<selfcheck_note> selfcheck_of(std::string_view content,
                                                         const std::string& host,
                                                         const std::string& cpu);

}  // namespace lmstress::store
