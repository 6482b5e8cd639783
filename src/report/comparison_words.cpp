#include "report/comparison_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace lmstress::report {
namespace {

using analyze::finding;

void add(std::string& list, const std::string& one) {
    list += (list.empty() ? "" : ", ") + one;
}

/// What a level's figures that decide were found to be.
struct findings {
    std::string worse;
    std::string better;
    std::string too_few;
    double excluded = 0;  ///< of those in which no change was seen, the widest
    bool any_excluded = false;

    void take(const analyze::compared_figure& f) {
        const std::optional<interval>& i = shown_interval(f);
        if (f.found == finding::too_few || !i) return add(too_few, f.what.name);
        if (f.found == finding::none_seen) {
            excluded = std::max({excluded, i->high, -i->low});
            any_excluded = true;
            return;
        }
        const std::string change =
            f.change ? change_text(*f.change) : std::string{"by an unknown amount"};
        add(f.found == finding::worse ? worse : better,
            fmt::format("{} {} ({})", f.what.name, change, change_text(i)));
    }
    [[nodiscard]] bool changed() const { return !worse.empty() || !better.empty(); }
};

findings found_in(const analyze::comparison& c) {
    findings out;
    for (const analyze::compared_figure& f : c.figures) {
        if (f.decides) out.take(f);
    }
    return out;
}

std::string change_sentence(const findings& f) {
    std::string out;
    if (!f.worse.empty()) out = "B is worse: " + f.worse;
    if (!f.better.empty()) out += (out.empty() ? "B is better: " : "; better: ") + f.better;
    if (!f.too_few.empty()) out += "; n is too small for " + f.too_few;
    return out + '.';
}

/// Of figures without a change, perhaps those of several levels; what comes before it begins it.
std::string still_sentence(const findings& f) {
    if (!f.any_excluded) return "n is too small to say whether B is worse.";
    std::string out = fmt::format("no change seen: any of over {:.1f} % can be excluded",
                                  100 * std::max(0.0, f.excluded));
    if (!f.too_few.empty()) out += ", but n is too small for " + f.too_few;
    return out + '.';
}

void join(findings& into, const findings& one) {
    into.excluded = std::max(into.excluded, one.excluded);
    into.any_excluded = into.any_excluded || one.any_excluded;
    // Which level it is of, the table says.
    if (into.too_few.find(one.too_few) == std::string::npos) add(into.too_few, one.too_few);
}

}  // namespace

std::string change_text(double share) {
    return std::isfinite(share) ? fmt::format("{:+.1f} %", share * 100) : "beyond all";
}

std::string change_text(const std::optional<interval>& i) {
    return i ? fmt::format("{}..{}", change_text(i->low), change_text(i->high)) : "n too small";
}

const std::optional<interval>& shown_interval(const analyze::compared_figure& f) {
    return f.decides ? f.together : f.ci95;
}

std::string in_words(const analyze::compared_figure& f) {
    switch (f.found) {
        case finding::worse:
            return "worse";
        case finding::better:
            return "better";
        case finding::too_few:
            return "n too small";
        case finding::none_seen:
            break;
    }
    const interval& i = *shown_interval(f);
    return fmt::format("none over {:.1f} % up, {:.1f} % down", std::max(0.0, i.high) * 100,
                       std::max(0.0, -i.low) * 100);
}

std::vector<std::string> conclusions_of(const comparison_report& r) {
    std::vector<std::string> out;
    const bool several = r.levels.size() > 1;
    findings still;
    std::size_t still_levels = 0;
    for (const level_comparison& level : r.levels) {
        const findings its = found_in(level.compared);
        if (its.changed()) {
            out.push_back((several ? level.name + ": " : "") + change_sentence(its));
        } else {
            join(still, its);
            ++still_levels;
        }
    }
    if (still_levels == 0) return out;
    std::string sentence = still_sentence(still);
    if (!several) {
        sentence.front() = 'N';
        return {sentence};
    }
    const std::string_view where = out.empty()         ? "All levels: "
                                   : still_levels == 1 ? "The other level: "
                                                       : "The other levels: ";
    out.push_back(std::string{where} + sentence);
    return out;
}

}  // namespace lmstress::report
