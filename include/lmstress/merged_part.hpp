#pragma once

#include "lmstress/clock.hpp"

#include <cstdint>
#include <string>

namespace lmstress {

/// One of the results that a merged one was made of (lmstress merge).
struct merged_part {
    std::string name;  ///< of its directory
    std::string id;    ///< of its run
    std::int64_t started_unix_ns = 0;
    /// By how much its windows were moved, at most, to lie over those of the first part: by how
    /// much they began apart by the clocks of the machines.
    nanoseconds moved{0};
    bool valid = true;   ///< by itself
    std::string reason;  ///< why it is not, a sentence without its full stop
    friend bool operator==(const merged_part&, const merged_part&) = default;
};

}  // namespace lmstress
