#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// Whether a run did all that it set out to do: nobody interrupted it, no bound of its own ended
/// it, and it lived to say so.
[[nodiscard]] bool came_to_its_end(const run_summary& run) noexcept;

/// How the sentence ends that says which threshold ended a run (--abort-on). A result that is read
/// again tells it by nothing else.
inline constexpr std::string_view by_abort_on = "(--abort-on).";
/// Whether a run was ended because a threshold could only fail: that is its verdict, and no
/// accident.
[[nodiscard]] bool ended_by_threshold(const run_summary& run) noexcept;

/// Of a run that did not come to its end: why, which level was cut and after how long, and which of
/// its loads were not measured at all; a sentence each. Empty for any other.
[[nodiscard]] std::vector<std::string> cut_short(const run_summary& run);

}  // namespace lmstress::report
