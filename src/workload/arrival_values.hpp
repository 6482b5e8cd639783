#pragma once

#include "lmstress/scenario.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// When requests arrive, as people write it in a scenario and on the command line.

namespace lmstress::workload {

/// In arrivals a second: "2", "0.5,1,2"; nothing for a rate of zero or anything else.
[[nodiscard]] std::optional<std::vector<double>> parse_rates(std::string_view text);
/// "1:30s,2:30s": a rate and how long it holds. Zero is a pause, but not all of them may be.
[[nodiscard]] std::optional<std::vector<rate_step>> parse_rate_steps(std::string_view text);
[[nodiscard]] std::string rate_steps_text(const std::vector<rate_step>& steps);
/// "1..10"
[[nodiscard]] std::optional<rate_ramp> parse_ramp(std::string_view text);
[[nodiscard]] std::string ramp_text(const rate_ramp& ramp);
/// "constant", "poisson", "gamma:0.5" with the coefficient of variation of the gaps.
[[nodiscard]] std::optional<arrival_law> parse_arrivals(std::string_view text);
[[nodiscard]] std::string arrivals_text(const arrival_law& law);

}  // namespace lmstress::workload
