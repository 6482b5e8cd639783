#include "report/crossing.hpp"

#include "analyze/capacity.hpp"
#include "analyze/clause_text.hpp"
#include "analyze/joined_level.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace lmstress::report {
namespace {

using analyze::measured_level;
using analyze::step_verdict;

/// A point of the series, and what its requests say of the objective.
struct judged_point {
    const series_point* point;
    step_verdict verdict;
    std::string found;  ///< "96 % of 120 requests (95 %: 90.7 to 98.9 %)"
};

/// "96", "99.6", "0"
std::string percent(double share) {
    return fmt::format("{:.3g}", 100 * share);
}

std::optional<judged_point> judged(const series_point& p, double attainment) {
    const bool once = p.measured.size() == 1;
    std::vector<measured_level> pieces;
    for (const measured_level* m : p.measured) {
        if (!once) pieces.push_back(*m);
    }
    const measured_level all = once ? measured_level{} : analyze::joined(pieces);
    const measured_level& level = once ? *p.measured.front() : all;
    const auto around = analyze::attainment_interval(level);
    const analyze::share_counts seen = met_of(p);
    if (!around || seen.of <= 0) return std::nullopt;
    return judged_point{
        &p, analyze::judge_attainment(level, attainment).verdict,
        fmt::format("{} % of {:.0f} request{} (95 %: {} to {} %)", percent(seen.hits / seen.of),
                    seen.of, seen.of == 1 ? "" : "s", percent(around->low), percent(around->high))};
}

/// The points up to the first that fails: which one held last, and which could not be decided above
/// that.
struct ends {
    std::optional<judged_point> holds;
    std::vector<judged_point> undecided;
    std::optional<judged_point> fails;
};

ends ends_of(const series& s, double attainment) {
    ends out;
    for (const series_point& p : s.points) {
        auto here = judged(p, attainment);
        if (!here) continue;
        if (here->verdict == step_verdict::fails) {
            out.fails = std::move(here);
            break;
        }
        if (here->verdict == step_verdict::holds) {
            out.holds = std::move(here);
            out.undecided.clear();  // a larger load held
        } else {
            out.undecided.push_back(*std::move(here));
        }
    }
    return out;
}

/// From which load to which it is not decided, and what was found of the largest of them.
std::string undecided_text(const ends& e, const std::string& wanted) {
    const std::string& first = e.undecided.front().point->name;
    const judged_point& last = e.undecided.back();
    const bool several = e.undecided.size() > 1;
    const std::string loads = several ? fmt::format("{} to {}", first, last.point->name) : first;
    const std::string found =
        several ? fmt::format("with {} {}", last.point->name, last.found) : last.found;
    if (e.holds) return fmt::format("; of {} it is not decided: {}", loads, found);
    return fmt::format("{} {} it is not decided whether {} holds: {}", several ? "From" : "With",
                       loads, wanted, found);
}

std::string sentence_of(const ends& e, const std::string& wanted) {
    std::string out;
    if (e.holds) {
        out = fmt::format("{} held {}: {}", e.holds->point->name, wanted, e.holds->found);
        if (e.undecided.empty() && !e.fails) {
            return out + ", at the largest load that was measured.";
        }
    }
    if (!e.undecided.empty()) out += undecided_text(e, wanted);
    if (e.fails) {
        out += out.empty() ? fmt::format("{} did not hold {}, the smallest load that was measured",
                                         e.fails->point->name, wanted)
                           : fmt::format("; {} did not", e.fails->point->name);
        out += ": " + e.fails->found;
    }
    return out + '.';
}

}  // namespace

analyze::share_counts met_of(const series_point& p) {
    analyze::share_counts out;
    for (const measured_level* m : p.measured) {
        if (!m->summary.slo) continue;
        out.hits += static_cast<double>(m->summary.slo->met);
        out.of += static_cast<double>(m->summary.requests.offered);
    }
    return out;
}

std::optional<slo_crossing> crossing_of(const series& s, double attainment) {
    if (s.points.empty() || !s.points.front().measured.front()->summary.slo) return std::nullopt;
    const std::string objective =
        analyze::objective_text(*s.points.front().measured.front()->summary.slo);
    const ends e = ends_of(s, attainment);
    if (!e.holds && e.undecided.empty() && !e.fails) return std::nullopt;
    const auto load = [](const std::optional<judged_point>& p) {
        return p ? std::optional{p->point->x} : std::nullopt;
    };
    return slo_crossing{
        .objective = objective,
        .attainment = attainment,
        .holds_up_to = load(e.holds),
        .undecided_from =
            e.undecided.empty() ? std::nullopt : std::optional{e.undecided.front().point->x},
        .fails_from = load(e.fails),
        .sentence = sentence_of(
            e, fmt::format("{} in {:g} % of the requests", objective, 100 * attainment))};
}

slo_crossing crossing_of(const capacity_report& r) {
    slo_crossing out{
        .objective = r.objective, .attainment = r.attainment, .sentence = capacity_answer(r)};
    if (r.found.low) out.holds_up_to = r.found.low->load;
    if (!r.found.high) return out;
    if (r.found.high->verdict == step_verdict::fails) {
        out.fails_from = r.found.high->load;
    } else {
        out.undecided_from = r.found.high->load;
    }
    return out;
}

}  // namespace lmstress::report
