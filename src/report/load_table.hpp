#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <vector>

namespace lmstress::report {

/// What was asked of each level of an open loop and what came of it, with its latencies from the
/// intended time and from the send side by side. Empty for a closed loop.
[[nodiscard]] std::string load_table(const run_summary& run);

/// Of a level that cannot carry its load, or was not given it: a sentence each, to stand behind
/// what the level is called.
[[nodiscard]] std::vector<std::string> load_warnings(const level_summary& level);

}  // namespace lmstress::report
