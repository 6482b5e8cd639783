#pragma once

#include "lmstress/scenario.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// What is known of the levels that a run is to have.
struct planned_levels {
    load_settings load = {};
    std::optional<std::uint64_t> slots = {};  ///< that multiples are of; absent: not known yet
    std::vector<std::string> apis = {};       ///< empty: the server is yet to say
};

/// The levels of two runs, each after "A: " or "B: ", where none of the one is of the same load and
/// API as one of the other. Nothing where one is, and nothing where that is not known before they
/// have run, as of arrivals whose rate changes.
[[nodiscard]] std::vector<std::string> levels_apart(const planned_levels& a,
                                                    const planned_levels& b);

}  // namespace lmstress::cli
