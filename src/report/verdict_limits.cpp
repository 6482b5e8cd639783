#include "report/verdict_limits.hpp"

#include "analyze/joined_level.hpp"
#include "report/limit_of_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

namespace lmstress::report {
namespace {

/// Of a load that did not meet the SLO, by all that was measured of it.
analyze::limit_found limit_at(const series_point& p, double attainment) {
    std::vector<const level_summary*> levels;
    std::vector<analyze::measured_level> pieces;
    for (const analyze::measured_level* m : p.measured) {
        levels.push_back(&m->summary);
        if (p.measured.size() > 1) pieces.push_back(*m);
    }
    const analyze::measured_level& last = *p.measured.back();
    const auto found = pieces.empty() ? analyze::what_limits(last)
                                      : analyze::what_limits(analyze::joined(pieces), last, {});
    // A search that is held to thresholds has no SLO that would allow anything.
    if (found.is == analyze::limit::kv_pool || !last.summary.slo) return found;
    return limit_of_errors(levels, allowed_by_slo(attainment)).value_or(found);
}

/// Of the first load that did not meet the SLO; empty where all did, or the server does not tell
/// enough.
std::string limit_of_objective(const series& s) {
    if (!s.slo || !s.slo->fails_from) return {};
    for (const series_point& p : s.points) {
        if (p.x == *s.slo->fails_from) return limit_sentence(limit_at(p, s.slo->attainment));
    }
    return {};
}

/// The first load that no larger one has clearly more output than.
const series_point& last_that_gained(const series& s) {
    constexpr double little = 1.05;
    double beyond = 0;
    const series_point* found = &s.points.back();
    for (auto p = s.points.rbegin(); p != s.points.rend(); ++p) {
        if (output_of(*p) > 0 && beyond <= little * output_of(*p)) found = &*p;
        beyond = std::max(beyond, output_of(*p));
    }
    return *found;
}

/// Of a load by itself no more can be said than that its requests waited for a slot.
std::string limit_of_one(const series_point& p) {
    const auto found = analyze::what_limits_output(*p.measured.back());
    if (found.is == analyze::limit::slots) return limit_sentence(found);
    return fmt::format(
        "A single load ({}) does not show what limits: of several the one where output no longer "
        "grows does.",
        p.name);
}

}  // namespace

double output_of(const series_point& p) {
    const analyze::figure_over_runs* f = p.at("output_tokens_per_second");
    if (f == nullptr) f = p.at("inputs_per_second");
    return f == nullptr ? 0 : f->mean;
}

std::string limit_sentence(const analyze::limit_found& found) {
    if (found.is == analyze::limit::unknown) return {};
    return fmt::format("What limits: {}. {}{}{}", analyze::to_string(found.is), found.evidence,
                       found.next_step.empty() ? "" : " ", found.next_step);
}

std::string limit_of(const series& s) {
    if (s.points.empty() || s.together || s.shared) return {};
    std::string of_objective = limit_of_objective(s);
    if (!of_objective.empty()) return of_objective;
    const series_point& last = s.points.back();
    const series_point& gained = last_that_gained(s);
    if (output_of(gained) <= 0) return {};
    if (s.points.size() < 2) return limit_of_one(last);
    if (&gained == &last) {
        const series_point& before = *std::prev(s.points.end(), 2);
        if (output_of(before) <= 0) return {};
        return fmt::format(
            "From {} to {} output still grew by {:.0f} %: what limits this server was not reached.",
            before.name, last.name, 100 * (output_of(last) / output_of(before) - 1));
    }
    if (output_of(last) <= 0) {
        return fmt::format("What limits: errors. No request brought a token with {}.", last.name);
    }
    const std::string found = limit_sentence(analyze::what_limits_output(*last.measured.back()));
    return fmt::format(
        "{} Output no longer grew from {} to {}.",
        found.empty() ? "What limits: unknown, for the server does not tell enough." : found,
        gained.name, last.name);
}

}  // namespace lmstress::report
