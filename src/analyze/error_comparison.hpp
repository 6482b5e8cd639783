#pragma once

#include "analyze/comparison.hpp"
#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>

namespace lmstress::analyze {

/// What became of the requests of one side at a level.
struct side_outcomes {
    std::uint64_t offered = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;  ///< or timed out
    /// Of those offered, the share that failed; nothing where none was.
    [[nodiscard]] std::optional<double> share() const noexcept;
};

/// How much more of B's requests failed than of A's. Changes are differences of shares: 0.1 is ten
/// more of a hundred.
struct error_comparison {
    side_outcomes a = {};
    side_outcomes b = {};
    std::optional<double> difference = {};
    std::optional<interval> ci95 = {};  ///< of the difference, for itself
    /// The same with the confidence of each figure that decides.
    std::optional<interval> together = {};
    finding found = finding::too_few;
};

/// By the requests of all runs of a side, as though each failed by itself (share_difference.hpp).
[[nodiscard]] error_comparison compare_errors(runs a, runs b);

}  // namespace lmstress::analyze
