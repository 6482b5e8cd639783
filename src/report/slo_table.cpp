#include "report/slo_table.hpp"

#include "report/interval_table.hpp"
#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::report {
namespace {

std::string clause_head(const slo_clause& c) {
    const bool seconds = c.below_ms >= 1000;
    return fmt::format("{}<{:g}{}", c.name, seconds ? c.below_ms / 1000 : c.below_ms,
                       seconds ? "s" : "ms");
}

std::string percent(double share) {
    return fmt::format("{:.1f} %", share * 100);
}

}  // namespace

std::string slo_table(const run_summary& run) {
    const auto first = std::find_if(run.levels.begin(), run.levels.end(),
                                    [](const level_summary& l) { return l.slo.has_value(); });
    if (first == run.levels.end()) return {};
    std::string out =
        fmt::format("{:>7}{:>10}{:>12}{:>12}", level_unit(run), "SLO met", "95 %", "good/s");
    for (const slo_clause& c : first->slo->clauses) out += fmt::format("{:>14}", clause_head(c));
    out += '\n';
    for (const level_summary& level : run.levels) {
        if (!level.slo) continue;
        const slo_summary& s = *level.slo;
        const std::string around =
            s.ci95 ? fmt::format("{:.0f}..{:.0f}", s.ci95->low * 100, s.ci95->high * 100)
                   : std::string{"-"};
        out += fmt::format("{:>7}{:>10}{:>12}{:>12}", level_number(level.setup),
                           percent(s.attainment), around, number_text(s.goodput_per_second));
        for (const slo_clause& c : s.clauses) out += fmt::format("{:>14}", percent(c.attainment));
        out += '\n';
    }
    return out;
}

}  // namespace lmstress::report
