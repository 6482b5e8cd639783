#pragma once

#include "store/history_entry.hpp"

#include <span>
#include <string>

namespace lmstress::dashboard {

// What the front page shows, from the runs of the history (docs/dashboard.md). A run counts where
// it is valid and one of its levels made tokens; its speed is the output of that level which made
// the most. Each is JSON text.

/// The speed that a run counts with; nothing where it does not count.
[[nodiscard]] std::optional<double> speed_of(const store::history_entry& run);
/// "parallel 4, unified KV on, context 8192"; "as it was" where nothing is known.
[[nodiscard]] std::string setting_of(const store::history_entry& run);

/// speed_summary, top_models_extended, quantization_distribution, architecture_distribution and
/// efficiency_top.
[[nodiscard]] std::string stats_json(std::span<const store::history_entry> runs);

/// The speed over time of each model in each setting.
[[nodiscard]] std::string speed_json(std::span<const store::history_entry> runs);

/// Of each model the setting with the highest median speed.
[[nodiscard]] std::string best_json(std::span<const store::history_entry> runs);

}  // namespace lmstress::dashboard
