#pragma once

#include "lmstress/clock.hpp"
#include "lmstress/scenario.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Values as people write them, in a scenario and on the command line.

namespace lmstress::workload {

/// A finite number that is not negative, without a sign or an exponent.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// "250ms", "30s", "5m", "1h"; nothing for anything else.
[[nodiscard]] std::optional<nanoseconds> parse_duration(std::string_view text);
/// The reverse, in the largest unit that leaves no fraction: "1500ms".
[[nodiscard]] std::string duration_text(nanoseconds d);

/// "4", or "0.5x" for half the server's slots; nothing for a zero or anything else.
[[nodiscard]] std::optional<stream_count> parse_streams(std::string_view text);
[[nodiscard]] std::string streams_text(const stream_count& c);
/// "1,4,16", "0.5x,1x,2x"; nothing for an empty list or one with something else in it.
[[nodiscard]] std::optional<std::vector<stream_count>> parse_levels(std::string_view text);

/// "ttft<2s,tpot<50ms,e2e<30s", each of slo_metric_words at most once; nothing for anything else.
[[nodiscard]] std::optional<slo_limits> parse_slo(std::string_view text);
[[nodiscard]] std::string slo_text(const slo_limits& slo);

/// "fixed:512", "uniform:100..500", "normal:512,64", "lognormal:512,0.6".
[[nodiscard]] std::optional<token_lengths> parse_lengths(std::string_view text);
[[nodiscard]] std::string lengths_text(const token_lengths& lengths);

}  // namespace lmstress::workload
