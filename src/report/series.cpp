#include "report/series.hpp"

#include "analyze/capacity.hpp"
#include "analyze/clause_text.hpp"
#include "measure/validity.hpp"
#include "report/level_name.hpp"
#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace lmstress::report {
namespace {

using analyze::measured_level;

/// A level as a report finds it.
struct found_level {
    const measured_level* level;
    level_place_of_report place;
    bool valid;
};

double load_of(const level_setup& s) {
    return s.open ? s.open->requested_rate : static_cast<double>(s.concurrency);
}

void fill_figures(series_point& p) {
    std::vector<const level_summary*> runs;
    for (const measured_level* m : p.measured) runs.push_back(&m->summary);
    for (const analyze::sweep_figure& f : report_figures()) {
        if (const auto v = analyze::over_runs(f, runs)) p.figures.push_back({&f, *v});
    }
}

/// Levels of the same load are one point.
std::vector<series_point> points_of(const std::vector<found_level>& levels) {
    std::map<double, series_point> by_load;
    for (const found_level& f : levels) {
        const level_setup& setup = f.level->summary.setup;
        series_point& p = by_load[load_of(setup)];
        p.x = load_of(setup);
        p.name = level_name(setup);
        p.levels.push_back(f.place);
        p.measured.push_back(f.level);
        p.valid = p.valid && f.valid;
    }
    std::vector<series_point> out;
    for (auto& [load, point] : by_load) {
        fill_figures(point);
        out.push_back(std::move(point));
    }
    return out;
}

void fill_law(series& s, std::uint64_t seed) {
    std::vector<analyze::loaded_level> levels;
    for (const series_point& p : s.points) {
        for (const measured_level* m : p.measured) levels.push_back({p.x, m});
    }
    s.law_points = analyze::load_points(levels);
    s.law = analyze::fit_scaling_law(s.law_points, seed);
    s.knee = analyze::knee_of(s.law_points);
}

/// The requests that met all of the objective, of those offered.
std::optional<double> attainment_of(const series_point& p) {
    double met = 0;
    double offered = 0;
    for (const measured_level* m : p.measured) {
        if (!m->summary.slo) return std::nullopt;
        met += static_cast<double>(m->summary.slo->met);
        offered += static_cast<double>(m->summary.requests.offered);
    }
    return offered > 0 ? std::optional{met / offered} : std::nullopt;
}

std::optional<slo_crossing> crossing_of(const series& s, double attainment) {
    if (s.points.empty() || !s.points.front().measured.front()->summary.slo) return std::nullopt;
    slo_crossing out{
        .objective = analyze::objective_text(*s.points.front().measured.front()->summary.slo),
        .attainment = attainment,
        .sentence = {}};
    const series_point* holds = nullptr;
    const series_point* fails = nullptr;
    for (const series_point& p : s.points) {
        const auto share = attainment_of(p);
        if (!share) continue;
        if (*share < attainment) {
            fails = &p;
            break;
        }
        holds = &p;
    }
    const std::string wanted =
        fmt::format("{} in {:g} % of the requests", out.objective, 100 * attainment);
    if (holds != nullptr) out.holds_up_to = holds->x;
    if (fails != nullptr) out.fails_from = fails->x;
    if (holds != nullptr && fails != nullptr) {
        out.sentence = fmt::format("{} held {}; {} did not ({:.1f} %).", holds->name, wanted,
                                   fails->name, 100 * *attainment_of(*fails));
    } else if (holds != nullptr) {
        out.sentence =
            fmt::format("{} held {}, the largest load that was measured.", holds->name, wanted);
    } else if (fails != nullptr) {
        out.sentence = fmt::format(
            "{} did not hold {} ({:.1f} %), the smallest load that was "
            "measured.",
            fails->name, wanted, 100 * *attainment_of(*fails));
    } else {
        return std::nullopt;
    }
    return out;
}

/// Of the capacity search its own verdicts count, which are made with confidence.
slo_crossing crossing_of(const capacity_report& r) {
    slo_crossing out{
        .objective = r.objective, .attainment = r.attainment, .sentence = capacity_answer(r)};
    if (r.found.low) out.holds_up_to = r.found.low->load;
    if (r.found.high) out.fails_from = r.found.high->load;
    return out;
}

series series_with(std::string name, std::size_t source, const std::vector<found_level>& levels) {
    const level_summary& first = levels.front().level->summary;
    series s{.name = std::move(name),
             .source = source,
             .setup = first.setup,
             .quantization = first.setup.server.quantization,
             .x_name = first.setup.open ? "rate of arrivals" : "concurrent streams",
             .x_unit = first.setup.open ? "requests/s" : "streams",
             .points = points_of(levels)};
    if (s.quantization.empty() && first.engine) s.quantization = first.engine->quant;
    return s;
}

bool was_measured(const measured_level& m) {
    return m.summary.window_seconds > 0 && m.summary.requests.offered > 0;
}

/// The levels of a run, of each API for itself.
void add_run(const source& from, std::size_t number, std::size_t first_run, bool several,
             std::vector<series>& out) {
    const source_run& run = from.runs.front();
    const bool valid = measure::judge(run.summary).valid();
    std::vector<std::pair<std::string, std::vector<found_level>>> by_api;
    for (std::size_t i = 0; i < run.levels.size(); ++i) {
        const measured_level& m = run.levels[i];
        if (!was_measured(m)) continue;
        const std::string& api = m.summary.setup.target.api;
        auto at = std::find_if(by_api.begin(), by_api.end(),
                               [&](const auto& one) { return one.first == api; });
        if (at == by_api.end()) at = by_api.insert(at, {api, {}});
        at->second.push_back({&m, {first_run, i}, valid});
    }
    for (const auto& [api, levels] : by_api) {
        std::string name = several ? from.name : levels.front().level->summary.setup.target.model;
        if (by_api.size() > 1) name += ", " + api;
        series s = series_with(std::move(name), number, levels);
        fill_law(s, run.summary.setup.seed);
        s.slo = crossing_of(s, from.attainment);
        out.push_back(std::move(s));
    }
}

void add_sweep(const source& from, std::size_t number, std::size_t first_run, bool several,
               std::vector<series>& out) {
    const sweep_report& sweep = *from.sweep;
    for (std::size_t v = 0; v < sweep.plan.variants.size(); ++v) {
        std::vector<found_level> levels;
        for (std::size_t i = 0; i < from.runs.size(); ++i) {
            const source_run& run = from.runs[i];
            if (sweep.cells[i].cell.variant != v || !was_measured(run.levels.front())) continue;
            levels.push_back(
                {&run.levels.front(), {first_run + i, 0}, measure::judge(run.summary).valid()});
        }
        if (levels.empty()) continue;
        const std::string setting = variant_name(sweep.plan.variants[v]);
        series s = series_with(several ? from.name + ", " + setting : setting, number, levels);
        s.variant = v;
        fill_law(s, from.runs.front().summary.setup.seed);
        s.slo = crossing_of(s, from.attainment);
        out.push_back(std::move(s));
    }
}

void add_capacity(const source& from, std::size_t number, std::size_t first_run, bool several,
                  std::vector<series>& out) {
    std::vector<found_level> levels;
    for (std::size_t i = 0; i < from.runs.size(); ++i) {
        const source_run& run = from.runs[i];
        if (run.levels.empty() || !was_measured(run.levels.front())) continue;
        levels.push_back(
            {&run.levels.front(), {first_run + i, 0}, measure::judge(run.summary).valid()});
    }
    if (levels.empty()) return;
    series s = series_with(several ? from.name : levels.front().level->summary.setup.target.model,
                           number, levels);
    if (!from.capacity->rate) {
        s.x_name = "users at once";
        s.x_unit = "users";
        for (series_point& p : s.points) p.name = wire::plural(static_cast<unsigned>(p.x), "user");
    }
    s.law_points = analyze::load_points(from.capacity->steps);
    s.law = from.capacity->law;
    s.knee = from.capacity->knee;
    s.slo = crossing_of(*from.capacity);
    out.push_back(std::move(s));
}

}  // namespace

std::string_view to_string(source_kind k) noexcept {
    switch (k) {
        case source_kind::run:
            return "run";
        case source_kind::sweep:
            return "sweep";
        case source_kind::capacity:
            break;
    }
    return "capacity";
}

const analyze::figure_over_runs* series_point::at(std::string_view key) const {
    for (const figure& f : figures) {
        if (f.of->key == key) return &f.value;
    }
    return nullptr;
}

std::vector<series> series_of(std::span<const source> sources) {
    std::vector<series> out;
    std::size_t first_run = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const source& s = sources[i];
        const bool several = sources.size() > 1;
        if (!s.runs.empty()) {
            if (s.kind == source_kind::run) add_run(s, i, first_run, several, out);
            if (s.kind == source_kind::sweep) add_sweep(s, i, first_run, several, out);
            if (s.kind == source_kind::capacity) add_capacity(s, i, first_run, several, out);
        }
        first_run += s.runs.size();
    }
    return out;
}

}  // namespace lmstress::report
