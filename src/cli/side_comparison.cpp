#include "cli/side_comparison.hpp"

#include "cli/exit_code.hpp"
#include "cli/several_runs.hpp"
#include "measure/request_sums.hpp"
#include "report/cut_short.hpp"
#include "report/level_name.hpp"
#include "report/threshold.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace lmstress::cli {
namespace {

std::string name_of(const analyze::measured_level& level) {
    return compared_name(level.summary.setup);
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

request_counts counts_of(const stored_run& run) {
    request_counts out;
    for (const analyze::measured_level& level : run.levels) {
        measure::add(out, level.summary.requests);
    }
    return out;
}

/// Of a run without thresholds, which would say it themselves.
bool fails_too_often(const stored_run& run) {
    const request_counts n = counts_of(run);
    const double most = limits_of(run.setup).max_error_rate * static_cast<double>(n.offered);
    return run.setup.thresholds.empty() && static_cast<double>(n.failed + n.timed_out) > most;
}

std::string name_of_level(const run_summary& run, const report::judgement& j) {
    if (!j.level || run.levels.size() < 2) return {};
    const auto at = std::find_if(run.levels.begin(), run.levels.end(),
                                 [&](const auto& level) { return level.setup.index == *j.level; });
    return at == run.levels.end() ? std::string{} : " at " + compared_name(at->setup);
}

/// Somebody ended it, and no bound of its own.
bool was_cut(const stored_run& run) {
    return !run.exit_code || run.exit_code == interrupted;
}

/// What became of the run, also by its own bounds, where that is not well: a sentence each.
std::vector<std::string> own_verdicts(const stored_run& run, const std::string& name) {
    std::vector<std::string> out;
    if (!run.lost_server.empty()) out.push_back(name + " was not measured: " + run.lost_server);
    if (!run.ended_early.empty()) out.push_back(name + " ended early: " + run.ended_early);
    const run_summary summary = summary_of(run);
    if (const auto said = report::cut_short(summary); was_cut(run) && run.ended_early.empty()) {
        out.push_back(fmt::format("{} did not come to its end: {}", name, fmt::join(said, " ")));
    }
    for (const report::judgement& j : report::judge_thresholds(summary)) {
        if (j.verdict == report::verdict::pass) continue;
        out.push_back(fmt::format("{}: the threshold {} {}{}", name, j.threshold,
                                  j.verdict == report::verdict::fail ? "failed" : "is undecided",
                                  name_of_level(summary, j)));
    }
    return out;
}

int own_exit_code(const stored_run& run) {
    return exit_code_of_run(summary_of(run), limits_of(run.setup), false);
}

/// What a run of either side comes to: without its figures there is no comparison. One that was
/// killed is incomplete, as one that was merged of such parts.
int code_of_either(const stored_run& run) {
    constexpr int not_measured = 3;
    constexpr int incomplete = 4;
    constexpr int not_valid = 5;
    const int own = own_exit_code(run);
    int out = own == not_measured || own == not_valid ? own : 0;
    if (!run.lost_server.empty()) out = worse_exit_code(out, not_measured);
    if (was_cut(run)) out = worse_exit_code(out, run.exit_code.value_or(incomplete));
    return out;
}

/// What a reader of the figures is to know of a side first.
std::vector<std::string> beware_of(const std::string& name, const compared_side& side) {
    std::vector<std::string> out;
    request_counts all;
    bool too_often = false;
    for (std::size_t i = 0; i < side.runs.size(); ++i) {
        const std::string reason = why_invalid(side.runs[i]);
        const std::string which = side.runs.size() > 1 ? fmt::format(", run {}", i + 1) : "";
        if (!reason.empty()) out.push_back(fmt::format("{}{} is INVALID: {}", name, which, reason));
        for (std::string& one : own_verdicts(side.runs[i], name + which)) {
            out.push_back(std::move(one));
        }
        const request_counts n = counts_of(side.runs[i]);
        all.offered += n.offered;
        all.failed += n.failed + n.timed_out;
        too_often = too_often || fails_too_often(side.runs[i]);
    }
    for (const left_out_run& run : side.left_out) {
        out.push_back(fmt::format("{}: {} was left out: {}", name, run.directory, run.why));
    }
    if (all.failed > 0) {
        out.push_back(fmt::format(
            "{}: {} of {} requests failed or timed out{}; latencies are of "
            "those that did not fail",
            name, all.failed, all.offered, too_often ? ", more than --max-error-rate allows" : ""));
    }
    return out;
}

}  // namespace

std::string compared_name(const level_setup& level) {
    return report::level_name(level) + " over " + level.target.api;
}

report::comparison_report compare_sides(const compared_side& a, const compared_side& b,
                                        std::uint64_t seed,
                                        const std::vector<analyze::regression_rule>& rules) {
    report::comparison_report out{.a = a.name, .b = b.name, .seed = seed};
    const stored_run& first_a = a.runs.front();
    const stored_run& first_b = b.runs.front();
    out.unlike = analyze::unlikeness_of(first_a.setup, first_b.setup);
    out.beware = beware_of("A", a);
    for (std::string& of_b : beware_of("B", b)) out.beware.push_back(std::move(of_b));
    for (const compared_side* side : {&a, &b}) {
        for (const stored_run& run : side->runs) {
            out.any_invalid = out.any_invalid || !why_invalid(run).empty();
            out.any_cut_short = out.any_cut_short || !run.lost_server.empty() ||
                                !report::came_to_its_end(summary_of(run));
        }
    }
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
        out.levels.push_back(
            {name, analyze::compare(ours, theirs, seed), analyze::compare_errors(ours, theirs)});
        for (const auto& rule : rules) {
            out.verdicts.push_back(analyze::judge(rule, ours, theirs, seed));
            out.verdicts.back().level = name;
        }
    }
    for (const analyze::measured_level& level : first_b.levels) {
        if (like(name_of(level), a).empty()) out.unmatched.push_back("B: " + name_of(level));
    }
    return out;
}

int exit_code_of_sides(const compared_side& a, const compared_side& b) {
    int out = 0;
    for (const compared_side* side : {&a, &b}) {
        for (const left_out_run& run : side->left_out) out = worse_exit_code(out, run.exit_code);
        for (const stored_run& run : side->runs) out = worse_exit_code(out, code_of_either(run));
    }
    for (const stored_run& run : b.runs) out = worse_exit_code(out, own_exit_code(run));
    return out;
}

}  // namespace lmstress::cli
