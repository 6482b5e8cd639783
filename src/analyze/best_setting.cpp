#include "analyze/best_setting.hpp"

#include "analyze/clause_text.hpp"
#include "wire/plural.hpp"
#include "wire/short_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::analyze {
namespace {

/// What the choice looks at, over the runs of a cell.
struct candidate {
    std::size_t variant = 0;
    std::size_t load = 0;
    double size =
        0;  ///< users, or requests a second: a load like "2x" is another one on more slots
    figure_over_runs throughput = {};
    const char* rate_unit = nullptr;  ///< of that; null: it is not known
    double met = 0;
    double offered = 0;
    bool has_objective = false;
    bool invalid = false;
    std::optional<figure_over_runs> ttft = {};
    std::optional<figure_over_runs> itl = {};
    std::string unit;
    std::string objective;
    [[nodiscard]] double attainment() const { return offered > 0 ? met / offered : 0; }
};

std::optional<candidate> candidate_of(std::span<const measured_cell> all, std::size_t variant,
                                      const server_variant& asked, std::size_t load) {
    candidate c{.variant = variant, .load = load, .unit = {}, .objective = {}};
    bool any = false;
    for (const measured_cell& m : all) {
        if (!m.is_of(variant, load)) continue;
        if (!not_in_force(asked, m.figures).empty()) return std::nullopt;  // of another setting
        c.invalid = c.invalid || !m.invalid.empty();
        const level_summary& l = m.figures.level;
        // A run of which nothing completed counts beside the others: its requests met nothing.
        any = any || l.requests.completed > 0;
        c.size = l.setup.open ? l.setup.open->requested_rate : l.setup.concurrency;
        c.unit = l.setup.open ? wire::rate_text(c.size) : wire::plural(l.setup.concurrency, "user");
        if (!l.slo) continue;
        c.has_objective = true;
        c.objective = objective_text(*l.slo);
        c.met += static_cast<double>(l.slo->met);
        c.offered += static_cast<double>(l.requests.offered);
    }
    if (!any) return std::nullopt;
    const auto seen = [&](const char* key) {
        return over_runs(sweep_figure_named(key), all, variant, load);
    };
    if (const auto inputs = seen("inputs_per_second")) {
        c.throughput = *inputs;
        c.rate_unit = "inputs/s";
    } else if (const auto output = seen("output_tokens_per_second")) {
        c.throughput = *output;
        c.rate_unit = "tokens/s";
    }
    c.ttft = seen("ttft_p95_ms");
    c.itl = seen("itl_p95_ms");
    return c;
}

/// By their runs they may be the same: the intervals over them meet.
bool no_other(const figure_over_runs& a, const figure_over_runs& b) {
    if (a.runs < 2 || b.runs < 2 || !a.ci95 || !b.ci95) return false;
    return a.ci95->low <= b.ci95->high && b.ci95->low <= a.ci95->high;
}

/// "doubles" and "ITL p95", "takes" and "ITL p95 from 20 to 34 ms".
struct change {
    std::string verb;
    std::string of;
};

/// Nothing where it changes by little, or by no more than its runs differ.
std::optional<change> change_of(const char* what, const std::optional<figure_over_runs>& from,
                                const std::optional<figure_over_runs>& to) {
    if (!from || !to || from->mean <= 0 || no_other(*from, *to)) return std::nullopt;
    const double ratio = to->mean / from->mean;
    if (ratio > 1.9 && ratio < 2.15) return change{"doubles", what};
    if (ratio > 0.47 && ratio < 0.53) return change{"halves", what};
    if (std::abs(ratio - 1) < 0.05) return std::nullopt;
    return change{"takes", fmt::format("{} from {} to {} ms", what, wire::short_number(from->mean),
                                       wire::short_number(to->mean))};
}

/// Nothing of a quantile of so few requests that its interval is open.
std::optional<figure_over_runs> certain(const std::optional<figure_over_runs>& quantile) {
    return quantile && quantile->ci95 && quantile->ci95->closed() ? quantile : std::nullopt;
}

/// " and doubles TTFT p95", ", doubles TTFT p95 and takes ITL p95 from 20 to 34 ms"; what has the
/// same verb shares it.
std::string changes_text(const std::optional<change>& first, const std::optional<change>& second) {
    if (!first && !second) return {};
    if (!first || !second) {
        const change& one = first ? *first : *second;
        return fmt::format(" and {} {}", one.verb, one.of);
    }
    const std::string verb = first->verb == second->verb ? std::string{} : second->verb + ' ';
    return fmt::format(", {} {} and {}{}", first->verb, first->of, verb, second->of);
}

std::string throughput_text(const figure_over_runs& from, const figure_over_runs& to) {
    const double more = to.mean / std::max(from.mean, 1e-9) - 1;
    if (std::abs(more) < 0.005) return "has the same throughput";
    if (no_other(from, to)) return "has no other throughput that its runs would show";
    return more > 0 ? fmt::format("adds {:.0f} % throughput", 100 * more)
                    : fmt::format("has {:.0f} % less throughput", -100 * more);
}

std::string named(const sweep_plan& plan, const candidate& c) {
    return variant_name(plan.variants[c.variant]) + (c.invalid ? " (by an INVALID run)" : "");
}

/// What the setting with the most output of all others would change.
std::string other_text(const sweep_plan& plan, const std::vector<candidate>& all,
                       const candidate& best) {
    const candidate* other = nullptr;
    for (const candidate& c : all) {
        if (c.variant == best.variant) continue;
        // Of those with about as much, one of as many users says the most.
        const double enough = c.size == best.size ? 0.99 : 1.01;
        if (other == nullptr || c.throughput.mean > enough * other->throughput.mean) other = &c;
    }
    if (other == nullptr) return {};
    return fmt::format("; {}{} {}{}", named(plan, *other),
                       other->size == best.size ? std::string{} : " with " + other->unit,
                       throughput_text(best.throughput, other->throughput),
                       changes_text(change_of("TTFT p95", certain(best.ttft), certain(other->ttft)),
                                    change_of("ITL p95", certain(best.itl), certain(other->itl))));
}

/// A share in per cent to a decimal, which is on the same side of the bound as the share is.
std::string percent_text(double share, double bound) {
    const double tenths = std::floor(1000 * share + 1e-9);
    const bool crosses = share >= bound && tenths < 1000 * bound - 1e-9;
    return fmt::format("{:g}", (crosses ? tenths + 1 : tenths) / 10);
}

std::string rate_text(const candidate& c) {
    return c.rate_unit == nullptr ? std::string{"at a rate that is not known"}
                                  : fmt::format("{:.0f} {}", c.throughput.mean, c.rate_unit);
}

bool more_users(const candidate& a, const candidate& b) {
    return a.size != b.size ? a.size > b.size : a.throughput.mean > b.throughput.mean;
}

}  // namespace

std::optional<sweep_choice> best_of(const sweep_plan& plan, std::span<const measured_cell> all,
                                    double attainment) {
    std::vector<candidate> candidates;
    for (std::size_t v = 0; v < plan.variants.size(); ++v) {
        for (std::size_t load = 0; load < plan.loads.size(); ++load) {
            if (auto c = candidate_of(all, v, plan.variants[v], load))
                candidates.push_back(*std::move(c));
        }
    }
    if (candidates.empty()) return std::nullopt;
    std::vector<candidate> meeting;
    for (const candidate& c : candidates) {
        if (c.has_objective && c.attainment() >= attainment) meeting.push_back(c);
    }
    const auto by_output = [](const candidate& a, const candidate& b) {
        return a.throughput.mean < b.throughput.mean;
    };
    if (!meeting.empty()) {
        const candidate& best = *std::min_element(meeting.begin(), meeting.end(), more_users);
        return sweep_choice{
            .variant = best.variant,
            .load = best.load,
            .by_objective = true,
            .sentence =
                fmt::format("{}: {} with {} in {} % of the requests, {}{}.", named(plan, best),
                            best.unit, best.objective, percent_text(best.attainment(), attainment),
                            rate_text(best), other_text(plan, candidates, best))};
    }
    const candidate& best = *std::max_element(candidates.begin(), candidates.end(), by_output);
    const std::string name = named(plan, best);
    const std::string facts =
        fmt::format("{} has the most output, {} with {}{}.", name, rate_text(best), best.unit,
                    other_text(plan, candidates, best));
    if (!best.has_objective) {
        return sweep_choice{best.variant, best.load, false,
                            facts + " With --slo the largest load that meets it would be named."};
    }
    const candidate& nearest = *std::max_element(
        candidates.begin(), candidates.end(),
        [](const candidate& a, const candidate& b) { return a.attainment() < b.attainment(); });
    return sweep_choice{
        nearest.variant, nearest.load, false,
        fmt::format("No setting has {} in {:g} % of the requests; {} with {} comes nearest, with "
                    "{} %. {}",
                    nearest.objective, 100 * attainment, named(plan, nearest), nearest.unit,
                    percent_text(nearest.attainment(), attainment), facts)};
}

}  // namespace lmstress::analyze
