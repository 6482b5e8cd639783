#include "lmstress/histogram.hpp"

#include <cmath>
#include <limits>

namespace lmstress {
namespace {

std::int64_t not_negative(std::chrono::nanoseconds value) noexcept {
    return std::max<std::int64_t>(value.count(), 0);
}

std::uint64_t nearest_us(std::int64_t ns) noexcept {
    return (static_cast<std::uint64_t>(ns) + 500) / 1000;
}

bool overflows(std::uint64_t us) noexcept {
    return us > histogram_layout::limit_us;
}

}  // namespace

void exact_figures::merge(const exact_figures& other) noexcept {
    if (other.total() == 0) return;
    min_ns = total() == 0 ? other.min_ns : std::min(min_ns, other.min_ns);
    max_ns = total() == 0 ? other.max_ns : std::max(max_ns, other.max_ns);
    count += other.count;
    overflow += other.overflow;
    sum_ns += other.sum_ns;
}

std::uint64_t rank_of_percentile(double percentile, std::uint64_t n) noexcept {
    const double below = std::nextafter(percentile, -std::numeric_limits<double>::infinity());
    const double wanted = std::clamp(below, 0.0, 100.0) * static_cast<double>(n) / 100.0;
    return std::max<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(wanted)), 1);
}

void sparse_histogram::add_to_cell(std::uint32_t index, std::uint32_t times) {
    const auto at = std::lower_bound(cells_.begin(), cells_.end(), index,
                                     [](const cell& c, std::uint32_t i) { return c.index < i; });
    if (at != cells_.end() && at->index == index) {
        at->count += times;
    } else {
        cells_.insert(at, cell{index, times});
    }
}

void sparse_histogram::record(std::chrono::nanoseconds value, std::uint32_t times) {
    if (times == 0) return;
    const std::int64_t ns = not_negative(value);
    const std::uint64_t us = nearest_us(ns);
    exact_.add(ns, times, overflows(us));
    if (!overflows(us)) {
        add_to_cell(static_cast<std::uint32_t>(histogram_layout::cell_of(us)), times);
    }
}

void sparse_histogram::merge(const sparse_histogram& other) {
    exact_.merge(other.exact_);
    std::vector<cell> both;
    both.reserve(cells_.size() + other.cells_.size());
    auto mine = cells_.begin();
    for (const cell& c : other.cells_) {
        while (mine != cells_.end() && mine->index < c.index) both.push_back(*mine++);
        both.push_back(c);
        if (mine != cells_.end() && mine->index == c.index) both.back().count += mine++->count;
    }
    both.insert(both.end(), mine, cells_.end());
    cells_ = std::move(both);
}

void dense_histogram::record(std::chrono::nanoseconds value, std::uint64_t times) {
    if (times == 0) return;
    const std::int64_t ns = not_negative(value);
    const std::uint64_t us = nearest_us(ns);
    exact_.add(ns, times, overflows(us));
    if (!overflows(us)) counts_[histogram_layout::cell_of(us)] += times;
}

void dense_histogram::merge(const sparse_histogram& other) {
    exact_.merge(other.exact());
    for (const auto& c : other.cells()) counts_[c.index] += c.count;
}

void dense_histogram::merge(const dense_histogram& other) {
    exact_.merge(other.exact_);
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

std::chrono::nanoseconds dense_histogram::percentile(double percentile) const noexcept {
    using std::chrono::microseconds;
    if (exact_.total() == 0) return std::chrono::nanoseconds{0};
    const std::uint64_t rank = rank_of_percentile(percentile, exact_.total());
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= rank) {
            const auto edge = percentile == 0.0 ? histogram_layout::lowest_in(i)
                                                : histogram_layout::highest_in(i);
            return microseconds{static_cast<std::int64_t>(edge)};
        }
    }
    return std::chrono::nanoseconds{exact_.max_ns};
}

}  // namespace lmstress
