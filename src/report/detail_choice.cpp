#include "report/detail_choice.hpp"

#include "report/verdict_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace lmstress::report {
namespace {

constexpr std::size_t whole = 12;
constexpr std::size_t most = 24;

/// The points of a series, the ones that say the most first.
std::vector<const series_point*> by_weight(const series& s) {
    std::vector<const series_point*> rest;
    for (const series_point& p : s.points) rest.push_back(&p);
    std::reverse(rest.begin(), rest.end());
    std::vector<const series_point*> out;
    const auto take = [&](auto at) {
        if (at == rest.end()) return;
        out.push_back(*at);
        rest.erase(at);
    };
    take(rest.begin());
    take(std::max_element(rest.begin(), rest.end(), [](const auto* a, const auto* b) {
        return output_of(*a) < output_of(*b);
    }));
    if (!rest.empty()) take(rest.end() - 1);
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

}  // namespace

detail_choice choose_details(std::span<const series> all) {
    std::vector<std::vector<const series_point*>> queues;
    std::size_t points = 0;
    for (const series& s : all) {
        if (s.together) {  // its levels are those of the others
            queues.emplace_back();
            continue;
        }
        queues.push_back(by_weight(s));
        points += s.points.size();
    }
    detail_choice out;
    if (points > whole) {
        const detail_size full;
        out.size = {full.heat_columns / 2, full.heat_rows / 2, full.parts / 2, full.requests / 2};
    }
    for (std::size_t turn = 0; out.levels.size() < std::min(points, most); ++turn) {
        for (std::size_t i = 0; i < all.size() && out.levels.size() < most; ++i) {
            if (turn >= queues[i].size()) continue;
            const series_point* p = queues[i][turn];
            out.levels.push_back({&all[i], p, p->levels.back(), p->measured.back()});
        }
    }
    std::sort(out.levels.begin(), out.levels.end(), [](const auto& a, const auto& b) {
        return std::tie(a.of, a.point) < std::tie(b.of, b.point);
    });
    if (points > most) {
        out.note = fmt::format(
            "The inside of {} of {} levels is shown: of each series in turn the largest load, the "
            "one with the most output, the smallest, and then the others. The figures of all are "
            "in the tables.",
            most, points);
    }
    return out;
}

}  // namespace lmstress::report
