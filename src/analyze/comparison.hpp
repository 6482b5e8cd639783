#pragma once

#include "analyze/figure_sample.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lmstress::analyze {

/// What a figure's change is known to be.
enum class finding : std::uint8_t {
    worse,
    better,
    none_seen,  ///< its interval holds zero: what it can exclude is said in place of "no
                ///< difference"
    too_few,    ///< there is too little to say
};
[[nodiscard]] std::string_view to_string(finding f) noexcept;

/// A figure of B beside the same of A. Changes are shares of A: 0.1 is 10 % more.
struct compared_figure {
    figure what;
    bool decides = false;  ///< it belongs to the family that says whether B is worse
    std::optional<double> a = {};
    std::optional<double> b = {};
    std::uint64_t count_a = 0;  ///< requests that have it
    std::uint64_t count_b = 0;
    std::optional<double> change = {};
    std::optional<interval> ci95 = {};  ///< of the change, for this figure alone
    /// Of a figure that decides: such that with 95 % confidence those of all of them hold at once.
    std::optional<interval> together = {};
    /// The smallest change, up or down, that so many requests find in four cases of five.
    std::optional<double> detectable = {};
    finding found = finding::too_few;
};

struct comparison {
    std::vector<compared_figure> figures;
    /// Requests of each side that it would take to find a change of 10 % in each figure that
    /// decides, by what this pair shows; nothing where one of them cannot be judged.
    std::optional<std::uint64_t> requests_for_10_percent = {};
};

/// The runs of one side, one or more; requests are drawn within each.
using runs = std::span<const measured_level>;

/// Compares by a bootstrap over groups of requests (figure_sample.hpp), with the percentiles of the
/// logarithm of B / A, widened as Student's distribution is wider than the normal one for so many
/// groups. Those that decide are TTFT (p50, p95), ITL (p50), E2E (p50) and the output throughput;
/// their own interval holds at 95 % for all of them together (Bonferroni), so that comparing a
/// server with itself raises an alarm in one case of twenty at most. The same seed gives the same
/// intervals.
[[nodiscard]] comparison compare(runs a, runs b, std::uint64_t seed);

/// The figures that decide.
[[nodiscard]] std::span<const char* const> deciding_figures() noexcept;
/// The confidence of each of them, such that all of them hold at once.
[[nodiscard]] double confidence_together() noexcept;

/// The change of one figure; nothing where summary.json has none of that name that can be compared.
[[nodiscard]] std::optional<compared_figure> compare_figure(const figure& what, runs a, runs b,
                                                            double confidence, std::uint64_t seed);

/// Its direction: rates are the better the higher they are.
[[nodiscard]] figure figure_named(std::string name);

}  // namespace lmstress::analyze
