#include "report/limit_of_errors.hpp"

#include "report/advice.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

namespace lmstress::report {
namespace {

/// The kind that most failed as. Precondition: there is one.
template <class Kinds, class Count>
const std::string& most_frequent(const Kinds& kinds, Count of) {
    return std::max_element(kinds.begin(), kinds.end(),
                            [&](const auto& a, const auto& b) { return of(a) < of(b); })
        ->first;
}

}  // namespace

std::optional<analyze::limit_found> limit_of_errors(std::span<const level_summary* const> levels,
                                                    const allowed_errors& allowed) {
    std::uint64_t offered = 0;
    std::uint64_t failed = 0;
    std::uint64_t missed = 0;
    std::map<std::string, std::uint64_t> kinds;
    for (const level_summary* level : levels) {
        offered += level->requests.offered;
        failed += level->requests.failed + level->requests.timed_out;
        if (level->slo) missed += level->requests.offered - level->slo->met;
        for (const auto& [kind, e] : level->errors) kinds[kind] += e.count;
    }
    const double may_fail = allowed.share * static_cast<double>(offered);
    if (kinds.empty() || static_cast<double>(failed) <= may_fail) return std::nullopt;
    if (allowed.of_slo && 2 * failed < missed) return std::nullopt;
    const std::string& most = most_frequent(kinds, [](const auto& k) { return k.second; });
    return analyze::limit_found{
        .is = analyze::limit::errors,
        .evidence =
            fmt::format("{} of {} failed, most of them as {}; {} {:.3g} %.", failed,
                        wire::plural(offered, "request"), most, allowed.by, 100 * allowed.share),
        .next_step = std::string{advice_on(most)}};
}

std::optional<analyze::limit_found> limit_of_counted(const level_summary& level,
                                                     std::span<const std::string> figure) {
    const std::string offered = wire::plural(level.requests.offered, "request");
    if (figure.size() == 3 && figure[0] == "errors") {
        const auto of_kind = level.errors.find(figure[1]);
        if (of_kind == level.errors.end() || of_kind->second.count == 0) return std::nullopt;
        return analyze::limit_found{
            .is = analyze::limit::errors,
            .evidence = fmt::format("{} of {} failed as {}.", of_kind->second.count, offered,
                                    of_kind->first),
            .next_step = std::string{advice_on(of_kind->first)}};
    }
    const bool counts = figure.size() == 2 && figure[0] == "requests" &&
                        (figure[1] == "failed" || figure[1] == "timed_out");
    if (!counts || level.errors.empty()) return std::nullopt;
    const std::string& most =
        most_frequent(level.errors, [](const auto& e) { return e.second.count; });
    return analyze::limit_found{
        .is = analyze::limit::errors,
        .evidence = fmt::format("{} of {} failed or timed out, most of them as {}.",
                                level.requests.failed + level.requests.timed_out, offered, most),
        .next_step = std::string{advice_on(most)}};
}

allowed_errors allowed_by_slo(double attainment) noexcept {
    return {.share = 1 - attainment, .by = "the SLO would have allowed", .of_slo = true};
}

}  // namespace lmstress::report
