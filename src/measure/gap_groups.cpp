#include "measure/gap_groups.hpp"

#include "measure/quantile_interval.hpp"

#include <algorithm>
#include <span>

namespace lmstress::measure {
namespace {

constexpr std::uint64_t least_requests = 64;
constexpr std::uint64_t least_requests_for_tails = 512;
constexpr double tail = 0.95;

double to_ms(nanoseconds ns) {
    return static_cast<double>(ns.count()) / 1e6;
}

std::uint64_t at_or_below(const sparse_histogram& h, std::size_t cell) {
    std::uint64_t n = 0;
    for (const auto& c : h.cells()) {
        if (c.index > cell) break;
        n += c.count;
    }
    return n;
}

/// How many independent gaps would say as much as these about the share of those in the cells up to
/// `cell`. Without an error there is no telling: all of them then.
double worth_at(std::span<const sparse_histogram> groups, std::size_t cell, double gaps) {
    double within = 0;
    for (const sparse_histogram& g : groups) within += static_cast<double>(at_or_below(g, cell));
    const double share = within / gaps;
    double squares = 0;
    double filled = 0;
    for (const sparse_histogram& g : groups) {
        const auto n = static_cast<double>(g.exact().total());
        if (n == 0) continue;
        const double residual = static_cast<double>(at_or_below(g, cell)) - share * n;
        squares += residual * residual;
        ++filled;
    }
    const double variance = filled / (filled - 1) * squares / (gaps * gaps);
    if (variance <= 0 || share <= 0 || share >= 1) return gaps;
    const double t = student_bound(1e6) / student_bound(filled - 1);
    return std::min(gaps, share * (1 - share) / variance * t * t);
}

std::size_t cell_at(const dense_histogram& h, double share) {
    const auto us = static_cast<std::uint64_t>(h.percentile(share * 100).count() / 1000);
    return histogram_layout::cell_of(std::min(us, histogram_layout::limit_us));
}

}  // namespace

void gap_groups::add(std::uint64_t request_index, const sparse_histogram& gaps) {
    if (gaps.exact().total() == 0) return;
    ++requests_;
    groups_[request_index % count].merge(gaps);
}

std::optional<interval> gap_groups::around(double p) const {
    if (requests_ < (p > tail ? least_requests_for_tails : least_requests)) return std::nullopt;
    dense_histogram all;
    for (const sparse_histogram& g : groups_) all.merge(g);
    const auto gaps = static_cast<double>(all.exact().total());
    double worth = worth_at(groups_, cell_at(all, p), gaps);
    share_interval share = share_around(p, worth);
    // Where requests are of two kinds and the quantile lies between them, it is the far side of the
    // step that shows how little is known.
    for (const double side : {share.low, share.high}) {
        worth = std::min(worth, worth_at(groups_, cell_at(all, side), gaps));
    }
    share = share_around(p, worth);
    const auto bound = [&](double at) {
        const nanoseconds edge = all.percentile(at * 100);
        const exact_figures& e = all.exact();
        return to_ms(std::clamp(edge, nanoseconds{e.min_ns}, nanoseconds{e.max_ns}));
    };
    return interval{bound(share.low), bound(share.high)};
}

}  // namespace lmstress::measure
