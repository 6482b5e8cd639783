#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// HdrHistogram (Gil Tene, public domain; https://hdrhistogram.org) of durations, in two forms that
// merge without loss: a sparse one for a single request and a dense one for a level.

namespace lmstress {

/// The cells that durations fall into: 3 significant digits, from 1 us to over 1 h.
///
/// With d = 3 digits a bucket has S = 2^ceil(log2(2 * 10^d)) = 2048 sub-buckets. Values below S
/// have a cell each; above, every doubling of the value doubles the width of its S/2 cells, so the
/// width is never more than a thousandth of the value. The formulae are those of the Java
/// reference, and tests/data holds quantiles that it computed.
struct histogram_layout {
    static constexpr std::uint64_t highest_us = 3'600'000'000;  // one hour
    static constexpr int half_magnitude = 10;                   // log2(S / 2)
    static constexpr std::uint64_t half_count = 1ULL << half_magnitude;
    static constexpr int bucket_count = 22;  // doublings of S needed to exceed `highest_us`, + 1
    static constexpr std::size_t cell_count = (bucket_count + 1) * half_count;  // 23,552
    /// The largest value that has a cell; a larger one is counted as overflow.
    static constexpr std::uint64_t limit_us = (2 * half_count << (bucket_count - 1)) - 1;

    /// The cell of a value. Precondition: us <= limit_us.
    static constexpr std::size_t cell_of(std::uint64_t us) noexcept {
        const int bucket =
            static_cast<int>(std::bit_width(us | (2 * half_count - 1))) - (half_magnitude + 1);
        const std::uint64_t sub_bucket = us >> bucket;
        return ((static_cast<std::size_t>(bucket) + 1) << half_magnitude) + sub_bucket - half_count;
    }

    /// The largest value that falls into `cell`: what a quantile reports.
    static constexpr std::uint64_t highest_in(std::size_t cell) noexcept {
        return lowest_in(cell + 1) - 1;
    }

    /// The smallest value that falls into `cell`.
    static constexpr std::uint64_t lowest_in(std::size_t cell) noexcept {
        const auto bucket = static_cast<int>(cell >> half_magnitude) - 1;
        const std::uint64_t sub_bucket = cell & (half_count - 1);
        return bucket < 0 ? sub_bucket : (sub_bucket + half_count) << bucket;
    }
};

/// What is kept exactly beside the cells. Merging is associative and commutative.
struct exact_figures {
    std::uint64_t count = 0;     ///< values in cells; overflow not included
    std::uint64_t overflow = 0;  ///< values above histogram_layout::limit_us
    std::int64_t sum_ns = 0;
    std::int64_t min_ns = 0;  ///< meaningful where count + overflow > 0, as `max_ns`
    std::int64_t max_ns = 0;

    void add(std::int64_t ns, std::uint64_t times, bool overflows) noexcept {
        const bool first = total() == 0;
        (overflows ? overflow : count) += times;
        sum_ns += ns * static_cast<std::int64_t>(times);
        min_ns = first ? ns : std::min(min_ns, ns);
        max_ns = first ? ns : std::max(max_ns, ns);
    }
    void merge(const exact_figures& other) noexcept;

    [[nodiscard]] std::uint64_t total() const noexcept { return count + overflow; }
    [[nodiscard]] double mean_ns() const noexcept {
        return total() == 0 ? 0.0 : static_cast<double>(sum_ns) / static_cast<double>(total());
    }
    friend bool operator==(const exact_figures&, const exact_figures&) = default;
};

/// The histogram of one request: its non-empty cells only, sorted. A thousand of these fit where
/// one dense histogram stands.
class sparse_histogram {
  public:
    struct cell {
        std::uint32_t index;
        std::uint32_t count;
        friend bool operator==(const cell&, const cell&) = default;
    };

    sparse_histogram() = default;
    /// From stored parts, as `cells()` and `exact()` gave them.
    /// Precondition: the cells are sorted by index and within the layout.
    sparse_histogram(const exact_figures& exact, std::vector<cell> cells)
        : exact_(exact), cells_(std::move(cells)) {}

    /// Counts a duration, rounded to the nearest microsecond for its cell; negative ones count as
    /// 0.
    void record(std::chrono::nanoseconds value, std::uint32_t times = 1);
    void merge(const sparse_histogram& other);

    [[nodiscard]] const exact_figures& exact() const noexcept { return exact_; }
    [[nodiscard]] std::span<const cell> cells() const noexcept { return cells_; }
    friend bool operator==(const sparse_histogram&, const sparse_histogram&) = default;

  private:
    void add_to_cell(std::uint32_t index, std::uint32_t times);

    exact_figures exact_;
    std::vector<cell> cells_;
};

/// The histogram of a level: every cell, 184 KiB.
class dense_histogram {
  public:
    dense_histogram() : counts_(histogram_layout::cell_count) {}

    void record(std::chrono::nanoseconds value, std::uint64_t times = 1);
    void merge(const sparse_histogram& other);
    void merge(const dense_histogram& other);

    /// The smallest recorded value with at least `percentile` % of the sample at or below it
    /// (Hyndman-Fan type 1), as the upper edge of its cell, like getValueAtPercentile of the Java
    /// reference. Values that overflowed lie above every cell and are reported as the exact
    /// maximum. 0 for an empty histogram.
    [[nodiscard]] std::chrono::nanoseconds percentile(double percentile) const noexcept;

    [[nodiscard]] const exact_figures& exact() const noexcept { return exact_; }
    [[nodiscard]] std::span<const std::uint64_t> counts() const noexcept { return counts_; }
    friend bool operator==(const dense_histogram&, const dense_histogram&) = default;

  private:
    exact_figures exact_;
    std::vector<std::uint64_t> counts_;
};

/// The rank, from 1 to n, of the value that is the given percentile of n sorted values. One ulp is
/// taken off first, as the Java reference does, so that 50 % of 2 is the first and not the second.
[[nodiscard]] std::uint64_t rank_of_percentile(double percentile, std::uint64_t n) noexcept;

}  // namespace lmstress
