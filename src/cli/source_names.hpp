#pragma once

#include "lmstress/error.hpp"

#include <string>
#include <vector>

namespace lmstress::cli {

/// What each of these results is called in a report: the last part of its directory, "run1" of
/// "results/run1/", and of those that share it as many parts as tell them apart: "a/same",
/// "b/same". errc::usage where one directory stands there twice, under whatever name.
[[nodiscard]] result<std::vector<std::string>> source_names(
    const std::vector<std::string>& directories);

}  // namespace lmstress::cli
