#pragma once

#include "lmstress/summary.hpp"

#include <string_view>
#include <vector>

namespace lmstress::report {

/// Whether a figure, by the path of its key, is a rate of the whole server: of several APIs that
/// shared it none has one of its own.
[[nodiscard]] bool is_of_the_server(std::string_view figure) noexcept;

/// Of a run over several APIs, whose levels of one load shared their window: what all of them came
/// to together, a level for each load. Its API names them all; it has counts and rates, and no
/// latencies. Empty for a run over one API.
[[nodiscard]] std::vector<level_summary> levels_together(const run_summary& run);

}  // namespace lmstress::report
