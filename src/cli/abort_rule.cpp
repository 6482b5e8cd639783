#include "cli/abort_rule.hpp"

#include "report/cut_short.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace lmstress::cli {
namespace {

std::string could_only_fail(const report::threshold& lost, std::string_view whatever_came) {
    return fmt::format("The run ended early: \"{}\" could only fail, {} {}", lost.text,
                       whatever_came, report::by_abort_on);
}

}  // namespace

abort_rule::abort_rule(const limit_settings& limits, const run_summary& so_far)
    : limits_(limits), so_far_(so_far) {
    for (const std::string& text : limits.abort_on) {
        thresholds_.push_back(report::parse_threshold(text).value());
    }
}

void abort_rule::watch(load::run_context& about) {
    if (thresholds_.empty()) return;
    if (about.settings.load.arrivals.is_open()) from_ = moment::intended;
    about.lost_after = [this](const request_record& r, const load::most_requests& most) {
        return after(r, most);
    };
    about.lost_after_levels = [this](std::size_t levels) { return after_levels(levels); };
}

std::string abort_rule::after(const request_record& record, const load::most_requests& most) {
    constexpr std::uint64_t any_number = 1'000'000'000;
    report::abort_watch& watch =
        levels_.try_emplace(record.level, thresholds_, limits_.slo, from_).first->second;
    watch.add(record);
    const bool known = most.known && most.count;
    if (const report::threshold* lost = watch.lost(known ? *most.count : any_number)) {
        return could_only_fail(*lost, "whatever the requests still to come had been like");
    }
    if (known || !most.count) return {};
    const report::threshold* lost = watch.lost(*most.count);
    if (lost == nullptr) return {};
    return could_only_fail(
        *lost, "even if all requests still to come had been as fast as the fastest so far");
}

/// What no single request decides is known once a level is over, and stays so.
std::string abort_rule::after_levels(std::size_t levels) const {
    run_summary last;
    last.setup = so_far_.setup;
    last.setup.thresholds = limits_.abort_on;
    const auto n = static_cast<std::ptrdiff_t>(std::min(levels, so_far_.levels.size()));
    last.levels.assign(so_far_.levels.end() - n, so_far_.levels.end());
    for (const report::judgement& j : report::judge_thresholds(last)) {
        if (j.verdict != report::verdict::fail) continue;
        return fmt::format(
            "The run ended before its last level: \"{}\" failed, which no further request could "
            "change {}",
            j.threshold, report::by_abort_on);
    }
    return {};
}

}  // namespace lmstress::cli
