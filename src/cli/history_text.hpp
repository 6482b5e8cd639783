#pragma once

#include "store/history_entry.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lmstress::cli {

/// What `lmstress history` shows.

/// A line a run. `total`: how many there are in all.
[[nodiscard]] std::string history_table(std::span<const store::history_entry> runs,
                                        std::int64_t total);
/// One run, and a line for each of its levels.
[[nodiscard]] std::string history_page(const store::history_entry& run, bool directory_exists);

/// "before, m4"
[[nodiscard]] std::string joined_tags(const std::vector<std::string>& tags);

}  // namespace lmstress::cli
