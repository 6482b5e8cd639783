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

capacity_search::remainder capacity_search::left() const {
    remainder out;
    for (const auto& [load, t] : loads_) {
        if (t.last == step_verdict::fails) {
            out.fails = load;
            break;
        }
        if (t.last == step_verdict::holds) {
            out.holds = load;
            out.first_undecided.reset();
        } else {
            if (!out.first_undecided) out.first_undecided = load;
            out.last_undecided = load;
        }
    }
    return out;
}

bool capacity_search::near(double low, double high) const {
    return high <= low * (1 + settings_.precision) || (settings_.whole && high - low <= 1);
}

capacity_search::bracket capacity_search::found() const {
    const auto end_at = [this](std::optional<double> load) -> std::optional<end> {
        if (!load) return std::nullopt;
        const tested& t = loads_.at(*load);
        return end{.load = *load, .verdict = t.last, .tested_again = t.times > 1};
    };
    const remainder r = left();
    const bool decided = r.fails && (!r.holds || near(*r.holds, *r.fails));
    return {.low = end_at(r.holds),
            .high = end_at(r.first_undecided && !decided ? r.first_undecided : r.fails)};
}

/// Nothing failed so far, and the largest load holds, or looks as if it did: a larger one.
std::optional<double> capacity_search::doubled() const {
    if (loads_.empty()) return settings_.first;
    const auto& [largest, t] = *loads_.rbegin();
    const bool goes_on = t.leans && largest < settings_.most;
    return goes_on ? std::optional{std::min(settings_.most, largest * 2)} : std::nullopt;
}

/// It did not hold at once: smaller ones.
std::optional<double> capacity_search::below(double high) const {
    const double half = settings_.whole ? std::floor(high / 2) : high / 2;
    const bool too_small = settings_.whole ? half < 1 : half < settings_.first / 1024;
    return too_small ? std::nullopt : std::optional{half};
}

std::optional<double> capacity_search::between(double low, double high) const {
    if (!settings_.whole) return std::sqrt(low * high);
    return high - low <= 1 ? std::nullopt : std::optional{std::floor((low + high) / 2)};
}

/// First what is below an undecided load, until it is half as near as was asked for; then the
/// largest load that would make a bracket with what holds, a second time where the first one did
/// not decide it.
std::optional<double> capacity_search::around_undecided(const remainder& r) const {
    const double low = *r.holds;
    const double undecided = *r.first_undecided;
    const bool beside =
        settings_.whole ? undecided - low <= 1 : undecided <= low * (1 + settings_.precision / 2);
    if (!beside) return between(low, undecided);
    double above = low * (1 + settings_.precision);
    if (settings_.whole) above = std::floor(above);
    if (above > settings_.most || (r.fails && above >= *r.fails)) return std::nullopt;
    const auto known = loads_.find(above);
    const bool once = known != loads_.end() && known->second.times == 1;
    return once || above > *r.last_undecided ? std::optional{above} : std::nullopt;
}

/// Nothing is known to hold: how near what is undecided a load is that is known not to.
std::optional<double> capacity_search::below_failure(const remainder& r) const {
    if (!r.fails || near(*r.last_undecided, *r.fails)) return std::nullopt;
    return between(*r.last_undecided, *r.fails);
}

std::optional<double> capacity_search::narrower(const remainder& r) const {
    if (!r.fails) {
        if (const auto larger = doubled()) return larger;
    }
    const std::optional<double> high = r.first_undecided ? r.first_undecided : r.fails;
    if (!high) return std::nullopt;
    if (!r.holds) {
        // What is too small to be decided has nothing below it that could be.
        const bool too_small = r.first_undecided && loads_.at(*r.first_undecided).leans;
        const auto smaller = too_small ? std::nullopt : below(*high);
        return smaller || !r.first_undecided ? smaller : below_failure(r);
    }
    if (!r.first_undecided) {
        const bool done = !settings_.whole && near(*r.holds, *high);
        return done ? std::nullopt : between(*r.holds, *high);
    }
    const bool decided = r.fails && near(*r.holds, *r.fails);
    return decided ? std::nullopt : around_undecided(r);
}

/// Where nothing is known to hold, what stayed undecided below the failure is the other end.
std::optional<double> capacity_search::open_end() const {
    const remainder r = left();
    if (r.holds || !r.last_undecided || loads_.at(*r.last_undecided).times > 1) return std::nullopt;
    return r.last_undecided;
}

std::optional<double> capacity_search::next() const {
    if (steps_ >= settings_.longest) return std::nullopt;
    if (const auto load = narrower(left())) return load;
    const bracket b = found();
    if (b.low && !b.low->tested_again) return b.low->load;
    if (b.high && !b.high->tested_again) return b.high->load;
    return open_end();
}

void capacity_search::told(const step_judgement& j) {
    const auto load = next();
    if (!load) return;
    ++steps_;
    tested& t = loads_.try_emplace(*load, tested{j.verdict, 0, j.leans}).first->second;
    t = {j.verdict, t.times + 1, j.leans};
}

}  // namespace lmstress::analyze
