#include "cli/side_comparison.hpp"

#include "report/level_name.hpp"

#include <algorithm>
#include <string>

namespace lmstress::cli {
namespace {

std::string name_of(const analyze::measured_level& level) {
    const level_setup& s = level.summary.setup;
    return report::level_name(s) + " over " + s.target.api;
}

/// Levels of the same name are of the same load: of each run of the side the first one.
std::vector<analyze::measured_level> like(const std::string& name, const compared_side& side) {
    std::vector<analyze::measured_level> out;
    for (const stored_run& run : side.runs) {
        const auto at = std::find_if(run.levels.begin(), run.levels.end(),
                                     [&](const auto& other) { return name_of(other) == name; });
        if (at != run.levels.end()) out.push_back(*at);
    }
    return out;
}

}  // namespace

report::comparison_report compare_sides(const compared_side& a, const compared_side& b,
                                        std::uint64_t seed,
                                        const std::vector<analyze::regression_rule>& rules) {
    report::comparison_report out{.a = a.name, .b = b.name, .seed = seed};
    const stored_run& first_a = a.runs.front();
    const stored_run& first_b = b.runs.front();
    out.unlike = analyze::unlikeness_of(first_a.setup, first_b.setup);
    for (const analyze::measured_level& level : first_a.levels) {
        const std::string name = name_of(level);
        const auto ours = like(name, a);
        const auto theirs = like(name, b);
        if (theirs.empty()) {
            out.unmatched.push_back("A: " + name);
            continue;
        }
        analyze::add_unlikeness(level.summary, theirs.front().summary, out.unlike);
        analyze::add_unlike_lengths(level, theirs.front(), out.unlike);
        out.levels.push_back({name, analyze::compare(ours, theirs, seed)});
        for (const auto& rule : rules) {
            out.verdicts.push_back(analyze::judge(rule, ours, theirs, seed));
        }
    }
    for (const analyze::measured_level& level : first_b.levels) {
        if (like(name_of(level), a).empty()) out.unmatched.push_back("B: " + name_of(level));
    }
    return out;
}

}  // namespace lmstress::cli
