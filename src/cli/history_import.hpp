#pragma once

#include "lmstress/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace lmstress::store {
class history;
}

namespace lmstress::cli {

struct imported {
    std::vector<std::int64_t> added;  ///< their numbers
    std::size_t known = 0;            ///< that were there already, and were brought up to date
};

/// Adds every result of a directory and of those below it, in the order of their names. One that
/// cannot be read is complained of and left out.
[[nodiscard]] result<imported> import_results(store::history& into,
                                              const std::filesystem::path& top);

}  // namespace lmstress::cli
