#include "analyze/heatmap.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace lmstress::analyze {
namespace {

/// Between the least and the greatest value, or a little around them where they are nearly one.
std::vector<double> edges_between(double least, double most, std::uint32_t rows) {
    constexpr double narrowest = 1.2;
    if (most / least < narrowest) {
        const double middle = std::sqrt(least * most);
        least = middle / std::sqrt(narrowest);
        most = middle * std::sqrt(narrowest);
    }
    std::vector<double> edges;
    for (std::uint32_t i = 0; i <= rows; ++i) {
        edges.push_back(least * std::pow(most / least, static_cast<double>(i) / rows));
    }
    return edges;
}

std::uint32_t row_of(const std::vector<double>& edges, double value) {
    const auto above = std::upper_bound(edges.begin(), edges.end(), value) - edges.begin();
    const auto rows = static_cast<std::ptrdiff_t>(edges.size()) - 1;
    return static_cast<std::uint32_t>(std::clamp<std::ptrdiff_t>(above - 1, 0, rows - 1));
}

}  // namespace

heatmap heatmap_of(std::span<const measure::timed_value> values, nanoseconds begin, nanoseconds end,
                   std::uint32_t columns, std::uint32_t rows) {
    heatmap out{.begin = begin, .end = end, .columns = columns};
    const auto is_within = [&](const measure::timed_value& v) {
        return v.at >= begin && v.at < end && std::isfinite(v.value);
    };
    const auto counts = [&](const measure::timed_value& v) { return is_within(v) && v.value > 0; };
    double least = INFINITY;
    double most = 0;
    for (const measure::timed_value& v : values) {
        if (is_within(v) && v.value == 0) ++out.zeros;
        if (!counts(v)) continue;
        least = std::min(least, v.value);
        most = std::max(most, v.value);
        ++out.count;
    }
    if (out.count == 0) return out;
    out.edges = edges_between(least, most, rows);
    const auto length = static_cast<double>((end - begin).count());
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> cells;
    for (const measure::timed_value& v : values) {
        if (!counts(v)) continue;
        const double place = static_cast<double>((v.at - begin).count()) / length * columns;
        const auto column = std::min(static_cast<std::uint32_t>(place), columns - 1);
        ++cells[{column, row_of(out.edges, v.value)}];
    }
    for (const auto& [at, n] : cells) out.cells.push_back({at.first, at.second, n});
    return out;
}

}  // namespace lmstress::analyze
