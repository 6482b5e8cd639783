#pragma once

#include "lmstress/histogram.hpp"
#include "lmstress/summary.hpp"

#include <optional>
#include <vector>

namespace lmstress::measure {

/// Exact, over the values themselves. Nothing for an empty sample.
[[nodiscard]] std::optional<distribution> distribution_of(std::vector<double> sample);

/// In milliseconds. Quantiles to three digits, minimum, mean and maximum exact.
[[nodiscard]] std::optional<distribution> distribution_of(const dense_histogram& h);

/// The gaps of a request whose `tokens` came in fewer or more `events`: each gap g becomes
/// tokens/events gaps of g * events / tokens. Which event held how many tokens is not known, so the
/// quantiles of the result are estimates; its total count and its sum are kept.
[[nodiscard]] sparse_histogram spread_evenly(const sparse_histogram& gaps, std::uint64_t tokens,
                                             std::uint64_t events);

}  // namespace lmstress::measure
