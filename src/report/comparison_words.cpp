#include "report/comparison_words.hpp"

#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

namespace lmstress::report {
namespace {

using analyze::finding;

void add(std::string& list, const std::string& one) {
    list += (list.empty() ? "" : ", ") + one;
}

std::string listed(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

/// What a level's figures that decide were found to be.
struct findings {
    std::string worse;
    std::string better;
    std::vector<std::string> too_few;
    double excluded = 0;  ///< of those in which no change was seen, the widest
    bool any_excluded = false;
    bool some_failed = false;  ///< of the requests of either side

    void take(const analyze::compared_figure& f) {
        const std::optional<interval>& i = shown_interval(f);
        if (f.found == finding::too_few || !i) return too_few.push_back(f.what.name);
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

findings found_in(const level_comparison& level) {
    findings out;
    for (const analyze::compared_figure& f : level.compared.figures) {
        if (f.decides) out.take(f);
    }
    out.some_failed = level.errors.a.failed + level.errors.b.failed > 0;
    return out;
}

/// Those that failed may have made room for the others.
constexpr std::string_view of_the_others = "of the requests that did not fail, ";

std::string change_sentence(const findings& f) {
    const std::string begin = f.some_failed ? "" : "B is ";
    std::string out{f.some_failed ? of_the_others : ""};
    if (!f.worse.empty()) out += begin + "worse: " + f.worse;
    if (!f.better.empty()) out += (f.worse.empty() ? begin : "; ") + "better: " + f.better;
    if (!f.too_few.empty()) out += "; too few requests for " + listed(f.too_few);
    return out + '.';
}

/// Of figures without a change, perhaps those of several levels.
std::string still_sentence(const findings& f) {
    if (!f.any_excluded) {
        return fmt::format("too few requests {}to say whether B is worse.",
                           f.some_failed ? "completed " : "");
    }
    std::string out{f.some_failed ? of_the_others : ""};
    out += fmt::format("no change seen: any of over {:.1f} % can be excluded",
                       100 * std::max(0.0, f.excluded));
    if (!f.too_few.empty()) out += ", but too few requests for " + listed(f.too_few);
    return out + '.';
}

bool completed_nothing(const analyze::side_outcomes& side) {
    return side.offered > 0 && side.completed == 0;
}

/// "B completed none of its 80 requests, A 78 of 80."
std::string nothing_completed(const std::string& name, const analyze::side_outcomes& side,
                              const std::string& other_name, const analyze::side_outcomes& other) {
    return fmt::format("{} completed none of its {}, {} {} of {}.", name,
                       wire::plural(side.offered, "request"), other_name, other.completed,
                       other.offered);
}

/// Where a side completed nothing, or other shares of the requests failed; else empty.
std::string error_sentence(const analyze::error_comparison& e) {
    const std::string is = e.found == finding::worse    ? "B is worse: "
                           : e.found == finding::better ? "B is better: "
                                                        : "";
    if (completed_nothing(e.b)) return is + nothing_completed("B", e.b, "A", e.a);
    if (completed_nothing(e.a)) return is + nothing_completed("A", e.a, "B", e.b);
    if (is.empty()) return {};
    return fmt::format("{}{:.1f} % of its requests failed, of A's {:.1f} % (difference {}).", is,
                       100 * e.b.share().value_or(0), 100 * e.a.share().value_or(0),
                       change_text(e.together));
}

/// Why the answer is no plain fact: "Of invalid runs: ". Empty: it is one.
std::string reservation(const comparison_report& r) {
    std::vector<std::string_view> of;
    if (!r.unlike.other_work.empty()) of.emplace_back("different work");
    if (r.any_invalid) of.emplace_back("invalid runs");
    if (r.any_cut_short) of.emplace_back("runs that were cut short");
    return of.empty() ? "" : fmt::format("Of {}: ", fmt::join(of, " and "));
}

std::string begun(const std::string& with, std::string sentence) {
    if (!with.empty()) return with + sentence;
    sentence.front() =
        static_cast<char>(std::toupper(static_cast<unsigned char>(sentence.front())));
    return sentence;
}

void join(findings& into, const findings& one) {
    into.excluded = std::max(into.excluded, one.excluded);
    into.any_excluded = into.any_excluded || one.any_excluded;
    into.some_failed = into.some_failed || one.some_failed;
    // Which level it is of, the table says.
    for (const std::string& name : one.too_few) {
        const bool known =
            std::find(into.too_few.begin(), into.too_few.end(), name) != into.too_few.end();
        if (!known) into.too_few.push_back(name);
    }
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
    const std::string with = reservation(r);
    const bool several = r.levels.size() > 1;
    const auto say = [&](const std::string& where, const std::string& sentence) {
        out.push_back(begun(with, several ? where + ": " + sentence : sentence));
    };
    for (const level_comparison& level : r.levels) {
        const std::string sentence = error_sentence(level.errors);
        if (!sentence.empty()) say(level.name, sentence);
    }
    findings still;
    std::size_t still_levels = 0;
    for (const level_comparison& level : r.levels) {
        if (completed_nothing(level.errors.a) || completed_nothing(level.errors.b)) continue;
        const findings its = found_in(level);
        if (its.changed()) {
            say(level.name, change_sentence(its));
        } else {
            join(still, its);
            ++still_levels;
        }
    }
    if (still_levels == 0) return out;
    say(still_levels == r.levels.size() ? "all levels"
        : still_levels == 1             ? "the other level"
                                        : "the other levels",
        still_sentence(still));
    return out;
}

}  // namespace lmstress::report
