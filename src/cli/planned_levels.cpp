#include "cli/planned_levels.hpp"

#include "cli/side_comparison.hpp"
#include "cli/way_to_server.hpp"
#include "report/level_name.hpp"

#include <algorithm>

namespace lmstress::cli {
namespace {

/// Empty: not known.
std::vector<level_setup> loads_of(const planned_levels& p) {
    std::vector<level_setup> out;
    const arrival_settings& arrivals = p.load.arrivals;
    for (const double rate : arrivals.rates) {
        out.emplace_back().open = open_load{.arrivals = {}, .requested_rate = rate};
    }
    if (arrivals.is_open()) return out;
    const auto streams = streams_of(p.load, p.slots);
    if (!streams) return {};
    for (const std::uint32_t n : *streams) out.emplace_back().concurrency = n;
    return out;
}

std::vector<std::string> names_of(const planned_levels& p, bool with_apis) {
    std::vector<std::string> out;
    for (level_setup& level : loads_of(p)) {
        if (!with_apis) out.push_back(report::level_name(level));
        for (std::size_t i = 0; with_apis && i < p.apis.size(); ++i) {
            level.target.api = p.apis[i];
            out.push_back(compared_name(level));
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> levels_apart(const planned_levels& a, const planned_levels& b) {
    const bool with_apis = !a.apis.empty() && !b.apis.empty();
    const auto ours = names_of(a, with_apis);
    const auto theirs = names_of(b, with_apis);
    const auto is_common = [&](const std::string& name) {
        return std::find(theirs.begin(), theirs.end(), name) != theirs.end();
    };
    if (ours.empty() || theirs.empty() || std::any_of(ours.begin(), ours.end(), is_common)) {
        return {};
    }
    std::vector<std::string> out;
    for (const std::string& name : ours) out.push_back("A: " + name);
    for (const std::string& name : theirs) out.push_back("B: " + name);
    return out;
}

}  // namespace lmstress::cli
