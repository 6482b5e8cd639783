#include "analyze/percentile_curve.hpp"

#include "measure/survival.hpp"

#include <algorithm>

namespace lmstress::analyze {

std::vector<double> percentages_for(std::uint64_t n) {
    constexpr int steps = 5;
    std::vector<double> out;
    if (n == 0) return out;
    // What is left of the whole, halved again and again: 100 %, 50 %, 25 %.
    for (double left = 100; left * static_cast<double>(n) >= 100; left /= 2) {
        for (int i = 0; i < steps; ++i) out.push_back(100 - left + i * left / 2 / steps);
    }
    return out;
}

percentile_curve curve_of(const measure::metric_sample& sample) {
    percentile_curve out{.count = sample.known.size(), .cut = sample.cut.size()};
    if (sample.known.empty()) return out;
    std::vector<measure::observation> all;
    for (const double v : sample.known) all.push_back({v});
    for (const double v : sample.cut) all.push_back({v, true});
    const measure::survival s{std::move(all)};
    const double least = *std::min_element(sample.known.begin(), sample.known.end());
    for (const double percent : percentages_for(s.count())) {
        if (percent <= 0) {
            out.points.push_back({percent, least});
            continue;
        }
        const auto v = s.quantile(percent / 100);
        if (!v) break;
        out.points.push_back({percent, *v});
    }
    return out;
}

percentile_curve curve_of(const dense_histogram& h) {
    percentile_curve out{.count = h.exact().total()};
    for (const double percent : percentages_for(out.count)) {
        out.points.push_back({percent, static_cast<double>(h.percentile(percent).count()) / 1e6});
    }
    return out;
}

}  // namespace lmstress::analyze
