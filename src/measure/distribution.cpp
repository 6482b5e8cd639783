#include "measure/distribution.hpp"

#include "measure/survival.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace lmstress::measure {
namespace {

double to_ms(double ns) {
    return ns / 1e6;
}

}  // namespace

std::optional<distribution> distribution_of(metric_sample sample) {
    std::vector<double>& known = sample.known;
    if (known.empty()) return std::nullopt;
    std::sort(known.begin(), known.end());
    std::vector<observation> all;
    all.reserve(known.size() + sample.cut.size());
    for (const double v : known) all.push_back({v});
    for (const double v : sample.cut) all.push_back({v, true});
    const survival s{std::move(all)};
    const auto at = [&](double p) {
        return s.quantile(p).value_or(std::numeric_limits<double>::infinity());
    };
    // Summed in sorted order, so that the mean does not depend on the order in which requests
    // ended.
    double sum = 0;
    for (const double v : known) sum += v;
    return distribution{.count = known.size(),
                        .cut = sample.cut.size(),
                        .mean = sum / static_cast<double>(known.size()),
                        .min = known.front(),
                        .p50 = at(0.50),
                        .p90 = at(0.90),
                        .p95 = at(0.95),
                        .p99 = at(0.99),
                        .max = known.back(),
                        .ci95 = {s.around(0.50), s.around(0.90), s.around(0.95), s.around(0.99)}};
}

std::optional<distribution> distribution_of(const dense_histogram& h) {
    const exact_figures& exact = h.exact();
    if (exact.total() == 0) return std::nullopt;
    const auto at = [&](double percentile) {
        // A cell's upper edge can lie above the largest value that fell into it.
        const std::int64_t edge = h.percentile(percentile).count();
        return to_ms(static_cast<double>(std::clamp(edge, exact.min_ns, exact.max_ns)));
    };
    return distribution{.count = exact.total(),
                        .mean = to_ms(exact.mean_ns()),
                        .min = to_ms(static_cast<double>(exact.min_ns)),
                        .p50 = at(50),
                        .p90 = at(90),
                        .p95 = at(95),
                        .p99 = at(99),
                        .max = to_ms(static_cast<double>(exact.max_ns))};
}

sparse_histogram sparse_of(const dense_histogram& h) {
    std::vector<sparse_histogram::cell> cells;
    const auto counts = h.counts();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        cells.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(counts[i])});
    }
    return {h.exact(), std::move(cells)};
}

sparse_histogram spread_evenly(const sparse_histogram& gaps, std::uint64_t tokens,
                               std::uint64_t events) {
    sparse_histogram spread;
    if (tokens == 0 || events == 0) return spread;
    const double per_event = static_cast<double>(tokens) / static_cast<double>(events);
    double wanted = 0;
    std::uint64_t given = 0;
    for (const auto& cell : gaps.cells()) {
        wanted += cell.count * per_event;
        const auto now = static_cast<std::uint64_t>(std::llround(wanted));
        const double edge_us = static_cast<double>(histogram_layout::highest_in(cell.index));
        const auto ns = static_cast<std::int64_t>(edge_us * 1000.0 / per_event);
        spread.record(nanoseconds{ns}, static_cast<std::uint32_t>(now - given));
        given = now;
    }
    exact_figures exact = spread.exact();
    exact.sum_ns = gaps.exact().sum_ns;
    return {exact, {spread.cells().begin(), spread.cells().end()}};
}

}  // namespace lmstress::measure
