#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <string_view>

// What a level is called: by its streams, or in an open loop by its rate.

namespace lmstress::report {

/// "4 streams", "2 requests/s"
[[nodiscard]] std::string level_name(const level_setup& level);
/// "4 streams", and where the run has several APIs which: the beginning of a sentence.
[[nodiscard]] std::string level_place(const level_summary& level, bool several_apis);
/// "4", "2": below what the run's levels are counted in.
[[nodiscard]] std::string level_number(const level_setup& level);
/// "streams", "req/s"
[[nodiscard]] std::string_view level_unit(const run_summary& run);
[[nodiscard]] bool is_open(const run_summary& run);
/// Of an open loop the latency from the intended time, for it is the one that a user feels:
/// "ttft_ms" or "ttft_intended_ms".
[[nodiscard]] std::string_view headline_ttft(const level_setup& level);
[[nodiscard]] std::string_view headline_e2e(const level_setup& level);

}  // namespace lmstress::report
