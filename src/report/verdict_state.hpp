#pragma once

#include "lmstress/summary.hpp"
#include "report/source.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

// What a result is worth, in a word. It follows from what was measured, for a run, a sweep, a
// capacity search and a merged result alike; exit codes and badges follow from it.

namespace lmstress::report {

/// In the order of their gravity: of several that apply, and of several results, the last counts.
enum class result_state : std::uint8_t {
    measured,   ///< and nothing is against it
    undecided,  ///< a threshold, or where a capacity search ends
    too_many_failed,
    threshold_failed,  ///< also where it ended the run (--abort-on)
    cut_short,         ///< it was interrupted, killed, or ended by another bound of its own
    not_valid,
    not_measured,  ///< no request completed, or none over one of several APIs
};
/// As in the data of a report and in the history: "too_many_failed".
[[nodiscard]] std::string_view to_string(result_state s) noexcept;
[[nodiscard]] std::optional<result_state> state_named(std::string_view in_data) noexcept;
/// As in a sentence: "too many requests failed".
[[nodiscard]] std::string_view words_for(result_state s) noexcept;

/// Of a run that is over, or that was killed.
[[nodiscard]] result_state state_of(const run_summary& run);
/// The same of one that does not say itself whether it came to its end, nor which share of its
/// requests may fail.
[[nodiscard]] result_state state_of(const run_summary& run, double max_error_rate, bool cut_short);

/// Of a sweep: nothing was measured where no cell has a request that completed; else the gravest of
/// its cells counts, and in one of them all may have failed as too many. Of a capacity search:
/// loads at which requests and thresholds fail are what it looks for.
[[nodiscard]] result_state state_of(const source& s);

/// Whether all answers came from the client's memory, and none was to be measured.
[[nodiscard]] bool all_from_memory(const run_summary& run);

/// --max-error-rate, by the scenario as in effect; as by default where that does not say.
[[nodiscard]] double max_error_rate_of(const run_setup& setup);

/// How many cells of its plan a sweep did not measure.
[[nodiscard]] std::size_t missing_cells(const sweep_report& r);

}  // namespace lmstress::report
