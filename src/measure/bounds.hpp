#pragma once

#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::measure {

/// A figure of a run, and how far it may go before the run's numbers are not those of the server
/// (docs/validity.md).
struct bound {
    std::string_view name;        ///< as in summary.json: "read_lag_p99_ms"
    std::optional<double> value;  ///< of the level where it is worst; absent: too little was seen
    /// Of a p99: which quantile `value` is. A lower one, of few values, is no more than p99.
    std::string_view quantile = "p99";
    double limit = 0;                         ///< infinite where the user switched it off
    std::optional<std::uint32_t> level = {};  ///< that level's place in the run; absent: of all
    bool holds = true;
    /// Where it does not hold: what was measured, what it means, what to do. Neither a place nor a
    /// full stop is in it.
    std::string sentence = {};
};

/// All of them, in the order of their gravity.
[[nodiscard]] std::vector<bound> bounds_of(const run_summary& run);

}  // namespace lmstress::measure
