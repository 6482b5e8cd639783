#pragma once

#include "lmstress/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lmstress::store {
class history;
}

namespace lmstress::cli {

struct imported {
    std::vector<std::int64_t> added;  ///< their numbers
    std::size_t moved = 0;     ///< that were known in another directory, where they are no longer
    std::size_t known = 0;     ///< that were there already, and were brought up to date
    std::size_t left_out = 0;  ///< that cannot be read, or that the history did not take
};

/// Adds every result of those directories and of those below them, in the order of their names. One
/// that cannot be read, or that the history does not take, is complained of and left out. An error
/// where the history takes none of several in a row: it says how many it had taken before, and
/// those stay.
[[nodiscard]] result<imported> import_results(store::history& into,
                                              std::span<const std::string> tops);

}  // namespace lmstress::cli
