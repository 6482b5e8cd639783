#pragma once

#include "lmstress/clock.hpp"
#include "measure/steady_state.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lmstress::analyze {

/// How many values of a metric lie where, over time: columns of equal time, rows of equal ratio.
struct heatmap {
    struct cell {
        std::uint32_t column;
        std::uint32_t row;
        std::uint64_t count;
        friend bool operator==(const cell&, const cell&) = default;
    };
    nanoseconds begin{0};
    nanoseconds end{0};
    std::uint32_t columns = 0;
    std::vector<double> edges = {};  ///< of the rows, one more than there are
    std::vector<cell> cells = {};    ///< that are not empty, by column and row
    std::uint64_t count = 0;         ///< values in them
    std::uint64_t zeros = 0;         ///< values of 0, which rows of equal ratio have no place for
};

/// Of the values at [begin, end) that are above zero, for the rows are logarithmic; those of zero
/// are counted. Without any above it has no cells and no edges. Preconditions: columns and rows are
/// above zero.
[[nodiscard]] heatmap heatmap_of(std::span<const measure::timed_value> values, nanoseconds begin,
                                 nanoseconds end, std::uint32_t columns, std::uint32_t rows);

}  // namespace lmstress::analyze
