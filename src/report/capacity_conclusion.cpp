#include "report/capacity_report.hpp"

#include <algorithm>

namespace lmstress::report {
namespace {

/// The smallest load that was measured and did not hold.
const analyze::capacity_step* beyond(const capacity_report& r) {
    if (!r.found.high) return nullptr;
    const auto at = std::find_if(r.steps.rbegin(), r.steps.rend(),
                                 [&](const auto& s) { return s.load == r.found.high->load; });
    return at == r.steps.rend() ? nullptr : &*at;
}

}  // namespace

void conclude_capacity(capacity_report& r, std::uint64_t seed) {
    const auto points = analyze::load_points(r.steps);
    r.law = analyze::fit_scaling_law(points, seed);
    r.knee = analyze::knee_of(points);
    if (const auto* step = beyond(r)) r.limit = analyze::what_limits(step->last);
}

}  // namespace lmstress::report
