#include "cli/side_comparison.hpp"

#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

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

/// What a reader of the figures is to know of a side first.
std::vector<std::string> beware_of(const char* name, const compared_side& side) {
    std::vector<std::string> out;
    std::uint64_t offered = 0;
    std::uint64_t errors = 0;
    for (std::size_t i = 0; i < side.runs.size(); ++i) {
        const std::string reason = why_invalid(side.runs[i]);
        const std::string which = side.runs.size() > 1 ? fmt::format(", run {}", i + 1) : "";
        if (!reason.empty()) out.push_back(fmt::format("{}{} is INVALID: {}", name, which, reason));
        for (const analyze::measured_level& level : side.runs[i].levels) {
            const request_counts& n = level.summary.requests;
            offered += n.offered;
            errors += n.failed + n.timed_out;
        }
    }
    if (errors > 0) {
        out.push_back(
            fmt::format("{}: {} of {} requests failed or timed out; latencies are of "
                        "those that did not fail",
                        name, errors, offered));
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
    out.beware = beware_of("A", a);
    for (std::string& of_b : beware_of("B", b)) out.beware.push_back(std::move(of_b));
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
