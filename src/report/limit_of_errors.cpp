#include "report/limit_of_errors.hpp"

#include "report/advice.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

namespace lmstress::report {

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
    const auto most =
        std::max_element(kinds.begin(), kinds.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return analyze::limit_found{
        .is = analyze::limit::errors,
        .evidence = fmt::format("{} of {} failed, most of them as {}; {} {:.3g} %.", failed,
                                wire::plural(offered, "request"), most->first, allowed.by,
                                100 * allowed.share),
        .next_step = std::string{advice_on(most->first)}};
}

allowed_errors allowed_by_slo(double attainment) noexcept {
    return {.share = 1 - attainment, .by = "the SLO would have allowed", .of_slo = true};
}

}  // namespace lmstress::report
