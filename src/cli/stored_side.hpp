#pragma once

#include "cli/compared_sides.hpp"
#include "lmstress/error.hpp"

#include <string>

namespace lmstress::cli {

/// A side that is there already: a result, or a directory of results of one setting, as
/// `lmstress compare` keeps those that it measures. Of these it leaves out what that left out too:
/// runs that did not come to their end or measured nothing. A single one is compared whatever
/// became of it, and says so (compare_sides).
[[nodiscard]] result<compared_side> load_side(const std::string& directory);

}  // namespace lmstress::cli
