#pragma once

#include "lmstress/histogram.hpp"
#include "lmstress/summary.hpp"

#include <optional>
#include <vector>

namespace lmstress::measure {

/// The values of a metric, and how far those of the requests that were cut had got.
struct metric_sample {
    std::vector<double> known;
    std::vector<double> cut;
};

/// Exact, over the values themselves, those that were cut by Kaplan and Meier. Nothing where no
/// value is known.
[[nodiscard]] std::optional<distribution> distribution_of(metric_sample sample);

/// In milliseconds, without intervals: a histogram does not know whose its values are. Quantiles to
/// three digits, minimum, mean and maximum exact.
[[nodiscard]] std::optional<distribution> distribution_of(const dense_histogram& h);

/// The same histogram without its empty cells.
[[nodiscard]] sparse_histogram sparse_of(const dense_histogram& h);

/// The gaps of a request whose `tokens` came in fewer or more `events`: each gap g becomes
/// tokens/events gaps of g * events / tokens. Which event held how many tokens is not known, so the
/// quantiles of the result are estimates; its total count and its sum are kept.
[[nodiscard]] sparse_histogram spread_evenly(const sparse_histogram& gaps, std::uint64_t tokens,
                                             std::uint64_t events);

}  // namespace lmstress::measure
