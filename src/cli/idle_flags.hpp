#pragma once

#include "cli/settings.hpp"

#include <span>
#include <string>
#include <string_view>

namespace lmstress::cli {

/// An error where a flag sets one of those fields of a scenario, which has no effect here: `why`
/// follows the flag's name ("is of ..."). What a file or the environment says of them is for other
/// commands as well, and is let be.
[[nodiscard]] result<void> refuse_idle_flags(const settings& effective,
                                             std::span<const std::string_view> pointers,
                                             const std::string& why, const std::string& advice);

}  // namespace lmstress::cli
