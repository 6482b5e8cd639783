#include "analyze/mergeable.hpp"

#include "analyze/likeness.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <unordered_set>

namespace lmstress::analyze {
namespace {

double seconds(nanoseconds t) {
    return static_cast<double>(t.count()) / 1e9;
}

error refused(std::string message, std::string advice = {}) {
    return {errc::usage, "these results cannot be merged: " + std::move(message),
            std::move(advice)};
}

result<void> check_whole(const run_part& part) {
    if (!part.summary.setup.parts.empty()) {
        return refused(part.name + " is itself a merged one", "Merge all of its parts at once.");
    }
    for (const level_summary& level : part.summary.levels) {
        if (!level.course.client || !level.course.window_begin || !level.course.window_end) {
            return refused(
                fmt::format("level {} of {} did not come to its end", level.setup.index, part.name),
                "lmstress report shows what it left behind.");
        }
    }
    return {};
}

/// Whether they are two that ran beside each other, and not one twice.
result<void> check_different(const run_part& a, const run_part& b) {
    const run_setup& one = a.summary.setup;
    const run_setup& other = b.summary.setup;
    if (one.id == other.id && one.started_unix_ns == other.started_unix_ns &&
        one.started_monotonic_ns == other.started_monotonic_ns) {
        return refused(a.name + " and " + b.name + " are the same run",
                       "Its requests would count twice.");
    }
    return {};
}

std::string kind_of(const level_setup& s) {
    if (!s.open) return "a closed loop";
    return "an open loop, arrivals " + s.open->arrivals + (s.open->steady ? "" : ", changing");
}

result<void> check_level(const run_part& first, const run_part& part, std::size_t i) {
    const level_summary& a = first.summary.levels[i];
    const level_summary& b = part.summary.levels[i];
    const auto differ = [&](std::string_view what, const std::string& one,
                            const std::string& other) -> result<void> {
        if (one == other) return {};
        return refused(fmt::format("level {}: {} is {} in {} and {} in {}", i, what, one,
                                   first.name, other, part.name));
    };
    const std::array checks = {
        differ("the API", a.setup.target.api, b.setup.target.api),
        differ("the model", a.setup.target.model, b.setup.target.model),
        differ("the load", kind_of(a.setup), kind_of(b.setup)),
    };
    for (const auto& check : checks) {
        if (!check) return check.error();
    }
    if (!(a.setup.slo == b.setup.slo)) {
        return refused(first.name + " and " + part.name + " hold their requests to different SLOs");
    }
    const nanoseconds one = window_length(a.course);
    const nanoseconds other = window_length(b.course);
    if (std::abs((one - other).count()) * 1000 > one.count()) {
        return refused(
            fmt::format("the window of level {} lasted {:.3f} s in {} and {:.3f} s in {}", i,
                        seconds(one), first.name, seconds(other), part.name),
            "Windows that end by time (--duration) have one length.");
    }
    const nanoseconds distance = window_offset(first, part, i);
    if (std::abs(distance.count()) * 10 > one.count()) {
        return refused(
            fmt::format(
                "by the clocks of their machines the windows of level {} in {} and {} began "
                "{:.1f} s apart, more than a tenth of their length",
                i, first.name, part.name, std::abs(seconds(distance))),
            "Results of one after another are compared with lmstress compare. Of several machines "
            "the clocks must agree (NTP).");
    }
    return {};
}

result<void> check_alike(const run_part& first, const run_part& part) {
    const auto different = check_different(first, part);
    if (!different) return different.error();
    const unlikeness unlike = unlikeness_of(first.summary.setup, part.summary.setup);
    if (!unlike.other_work.empty()) {
        return refused(fmt::format("{} did other work than {} ({}, A being the first)", part.name,
                                   first.name, unlike.other_work.front()));
    }
    if (first.summary.levels.size() != part.summary.levels.size()) {
        return refused(fmt::format("{} has {} levels and {} has {}", first.name,
                                   first.summary.levels.size(), part.name,
                                   part.summary.levels.size()));
    }
    for (std::size_t i = 0; i < first.summary.levels.size(); ++i) {
        const auto alike = check_level(first, part, i);
        if (!alike) return alike.error();
    }
    return {};
}

}  // namespace

nanoseconds window_length(const level_course& c) {
    return *c.window_end - *c.window_begin;
}

nanoseconds window_offset(const run_part& first, const run_part& part, std::size_t level) {
    const nanoseconds started{part.summary.setup.started_unix_ns -
                              first.summary.setup.started_unix_ns};
    return started + *part.summary.levels[level].course.window_begin -
           *first.summary.levels[level].course.window_begin;
}

result<void> check_mergeable(std::span<const run_part> parts) {
    for (const run_part& part : parts) {
        const auto whole = check_whole(part);
        if (!whole) return whole.error();
    }
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const auto alike = check_alike(parts.front(), parts[i]);
        if (!alike) return alike.error();
        for (std::size_t k = 1; k < i; ++k) {
            const auto different = check_different(parts[k], parts[i]);
            if (!different) return different.error();
        }
    }
    return {};
}

void remark_on(const run_part& first, const run_part& part, std::vector<std::string>& remarks) {
    unlikeness unlike = unlikeness_of(first.summary.setup, part.summary.setup);
    for (std::size_t i = 0; i < part.summary.levels.size(); ++i) {
        unlikeness here;
        add_unlikeness(first.summary.levels[i], part.summary.levels[i], here);
        for (auto* list : {&here.other_server, &here.other_work}) {
            unlike.other_server.insert(unlike.other_server.end(), list->begin(), list->end());
        }
    }
    std::unordered_set<std::string> said;
    for (const std::string& sentence : unlike.other_server) {
        if (!said.insert(sentence).second) continue;
        remarks.push_back(
            fmt::format("{} (A) and {} (B) differ: {}.", first.name, part.name, sentence));
    }
    const run_setup& a = first.summary.setup;
    const run_setup& b = part.summary.setup;
    if (a.thresholds != b.thresholds) {
        remarks.push_back("The thresholds are those of " + first.name + "; " + part.name +
                          " has others.");
    }
    if (!(a.validity == b.validity)) {
        remarks.push_back("The bounds of validity are those of " + first.name + "; " + part.name +
                          " has others.");
    }
    if (a.seed == b.seed) {
        remarks.push_back(fmt::format(
            "{} and {} have the same seed, so they sent the same prompts; a server that keeps "
            "prefixes may have answered some of them from its cache.",
            first.name, part.name));
    }
}

}  // namespace lmstress::analyze
