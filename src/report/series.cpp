#include "report/series.hpp"

#include "analyze/capacity.hpp"
#include "measure/validity.hpp"
#include "report/crossing.hpp"
#include "report/level_name.hpp"
#include "report/together.hpp"
#include "wire/plural.hpp"

#include <algorithm>
#include <cmath>
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

std::optional<series_point::figure> figure_of(const analyze::sweep_figure& f,
                                              std::span<const level_summary* const> runs) {
    const auto beyond = analyze::beyond_runs(f, runs);
    if (beyond) return series_point::figure{&f, {}, beyond};
    const auto v = analyze::over_runs(f, runs);
    return v ? std::optional{series_point::figure{&f, *v}} : std::nullopt;
}

void fill_figures(series_point& p, std::span<const level_summary* const> runs) {
    p.figures.clear();
    for (const analyze::sweep_figure& f : report_figures()) {
        if (auto found = figure_of(f, runs)) p.figures.push_back(*std::move(found));
    }
}

/// The pieces of a step are no runs that would say how far the next one may be off: its figures
/// are those of all its requests, and so are their intervals.
void fill_figures_of_step(series_point& p, const std::vector<analyze::capacity_step>& steps) {
    constexpr double same = 1e-9;
    const auto step = std::find_if(steps.rbegin(), steps.rend(), [&](const auto& s) {
        return std::abs(s.load - p.x) <= same * p.x && s.level.summary.requests.offered > 0;
    });
    if (step == steps.rend()) return;
    const level_summary* all = &step->level.summary;
    fill_figures(p, {&all, 1});
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
        std::vector<const level_summary*> runs;
        for (const measured_level* m : point.measured) runs.push_back(&m->summary);
        fill_figures(point, runs);
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

/// An API that shared the server has no rates that would be the server's.
void drop_rates_of_the_server(series& s) {
    s.shared = true;
    for (series_point& p : s.points) {
        std::erase_if(p.figures,
                      [](const series_point::figure& f) { return is_of_the_server(f.of->key); });
    }
}

/// What the APIs of a run came to together: their rates, which add up.
void add_together(const source& from, std::size_t number, std::size_t first_run, bool several,
                  std::vector<series>& out) {
    const source_run& run = from.runs.front();
    std::vector<found_level> levels;
    for (std::size_t i = 0; i < run.levels.size(); ++i) {
        if (!was_measured(run.levels[i])) continue;
        levels.push_back({&run.levels[i], {first_run, i}, measure::judge(run.summary).valid()});
    }
    series s = series_with((several ? from.name + ", " : "") + "all APIs together", number, levels);
    s.together = true;
    const std::vector<level_summary> sums = levels_together(run.summary);
    for (series_point& p : s.points) {
        std::vector<const level_summary*> its;
        for (const level_summary& sum : sums) {
            if (load_of(sum.setup) == p.x) its.push_back(&sum);
        }
        p.figures.clear();
        for (const analyze::sweep_figure& f : report_figures()) {
            if (!is_of_the_server(f.key)) continue;
            if (auto found = figure_of(f, its)) p.figures.push_back(*std::move(found));
        }
        if (!its.empty()) s.setup.target.api = its.front()->setup.target.api;
    }
    out.push_back(std::move(s));
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
    if (by_api.size() > 1) add_together(from, number, first_run, several, out);
    for (const auto& [api, levels] : by_api) {
        std::string name = several ? from.name : levels.front().level->summary.setup.target.model;
        if (by_api.size() > 1) name += ", " + api;
        series s = series_with(std::move(name), number, levels);
        if (by_api.size() > 1) {
            drop_rates_of_the_server(s);
        } else {
            fill_law(s, run.summary.setup.seed);
        }
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
    for (series_point& p : s.points) fill_figures_of_step(p, from.capacity->steps);
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
        if (f.of->key == key) return f.beyond ? nullptr : &f.value;
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
