#include "analyze/capacity_search.hpp"

#include <algorithm>
#include <cmath>

namespace lmstress::analyze {

std::string_view to_string(step_verdict v) noexcept {
    switch (v) {
        case step_verdict::holds:
            return "holds";
        case step_verdict::fails:
            return "fails";
        case step_verdict::undecided:
            break;
    }
    return "undecided";
}

capacity_search::bracket capacity_search::found() const {
    bracket out;
    for (const auto& [load, t] : loads_) {
        const end here{.load = load, .verdict = t.last, .tested_again = t.times > 1};
        if (t.last != step_verdict::holds) {
            out.high = here;
            break;
        }
        out.low = here;
    }
    return out;
}

/// The middle of the bracket; nothing where its ends are as near as they are to come.
std::optional<double> capacity_search::between(const bracket& b) const {
    const double high = b.high->load;
    if (!b.low) {
        // It fell at once: look below.
        const double below = settings_.whole ? std::floor(high / 2) : high / 2;
        const bool too_small = settings_.whole ? below < 1 : below < settings_.first / 1024;
        return too_small ? std::nullopt : std::optional{below};
    }
    const double low = b.low->load;
    if (settings_.whole) {
        return high - low <= 1 ? std::nullopt : std::optional{std::floor((low + high) / 2)};
    }
    return high <= low * (1 + settings_.precision) ? std::nullopt
                                                   : std::optional{std::sqrt(low * high)};
}

std::optional<double> capacity_search::next() const {
    if (steps_ >= settings_.longest) return std::nullopt;
    const bracket b = found();
    if (b.high) {
        if (const auto middle = between(b)) return middle;
    } else if (!b.low) {
        return settings_.first;
    } else if (b.low->load < settings_.most) {
        return std::min(settings_.most, b.low->load * 2);
    }
    if (b.low && !b.low->tested_again) return b.low->load;
    if (b.high && !b.high->tested_again) return b.high->load;
    return std::nullopt;
}

void capacity_search::told(step_verdict v) {
    const auto load = next();
    if (!load) return;
    ++steps_;
    tested& t = loads_.try_emplace(*load, tested{v, 0}).first->second;
    t = {v, t.times + 1};
}

}  // namespace lmstress::analyze
