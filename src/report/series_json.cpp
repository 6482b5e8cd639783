#include "report/series_json.hpp"

#include "report/interval_json.hpp"
#include "report/law_text.hpp"
#include "report/verdict_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace lmstress::report {
namespace {

using wire::json_writer;

std::optional<std::string_view> unless_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

void write_figure(json_writer& w, const analyze::sweep_figure& f,
                  const analyze::figure_over_runs& v) {
    w.key(f.key).begin_object().field("value", v.mean);
    write_interval(w, "ci95", v.ci95);
    w.end_object();
}

void write_beyond(json_writer& w, const analyze::sweep_figure& f, double known_up_to) {
    w.key(f.key).begin_object().key("value").null().key("ci95").null();
    w.field("beyond", known_up_to).end_object();
}

void write_point(json_writer& w, const series_point& p) {
    w.begin_object().field("x", p.x).field("name", p.name).key("levels").begin_array();
    for (const level_place_of_report& at : p.levels) {
        w.begin_object().field("run", at.run).field("level", at.level).end_object();
    }
    w.end_array().field("valid", p.valid).key("figures").begin_object();
    for (const series_point::figure& f : p.figures) {
        if (f.beyond) {
            write_beyond(w, *f.of, *f.beyond);
        } else {
            write_figure(w, *f.of, f.value);
        }
    }
    w.end_object().end_object();
}

/// The curve is drawn by straight lines between its points.
constexpr int curve_points = 80;

void write_curve(json_writer& w, const analyze::scaling_law& law, double from) {
    const double to = law.holds_up_to();
    w.key("curve").begin_array();
    for (int i = 0; i <= curve_points; ++i) {
        const double n = from + (to - from) * i / curve_points;
        if (const auto x = law.at(n)) w.begin_array().value(n).value(*x).end_array();
    }
    w.end_array();
}

void write_law(json_writer& w, const series& s) {
    w.key("law");
    if (!s.law || s.law_points.empty()) {
        w.null();
        return;
    }
    // The law of an open loop is one of the requests that were there at once, which is another axis
    // than that of their rate.
    const bool open = s.setup.open.has_value();
    const std::string_view n = open ? "requests in flight" : s.x_unit;
    w.begin_object().field("name", law_name(s.law->better));
    w.field("sentence", fmt::format("{}", fmt::join(law_sentences(*s.law, n), " ")));
    w.field("r2", s.law->r2).field("x", open ? "in flight" : "as the series");
    w.key("points").begin_array();
    for (const analyze::load_point& p : s.law_points) {
        w.begin_array().value(p.n).value(p.x).end_array();
    }
    w.end_array().field("measured_up_to", s.law->largest_n);
    w.field("holds_up_to", s.law->holds_up_to());
    write_curve(w, *s.law, s.law_points.front().n);
    w.end_object();
}

void write_knee(json_writer& w, const series& s) {
    w.key("knee");
    if (!s.knee) {
        w.null();
        return;
    }
    w.begin_object().field("x", *s.knee);
    w.field("of", s.setup.open ? "in flight" : "as the series");
    w.field("sentence", fmt::format("The curve bends most at {:.3g} {}: a hint, no verdict.",
                                    *s.knee, s.setup.open ? "requests in flight" : s.x_unit));
    w.end_object();
}

void write_slo(json_writer& w, const series& s) {
    w.key("slo");
    if (!s.slo) {
        w.null();
        return;
    }
    w.begin_object().field("objective", s.slo->objective).field("attainment", s.slo->attainment);
    w.field("holds_up_to", s.slo->holds_up_to).field("undecided_from", s.slo->undecided_from);
    w.field("fails_from", s.slo->fails_from);
    w.field("sentence", s.slo->sentence).end_object();
}

/// The place of a source among those of its kind.
std::size_t number_of(std::span<const source> sources, std::size_t i) {
    return static_cast<std::size_t>(
        std::count_if(sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const source& s) { return s.kind == sources[i].kind; }));
}

void write_one(json_writer& w, std::span<const source> sources, const series& s) {
    const server_settings& set = s.setup.server;
    w.begin_object().field("name", s.name).field("model", s.setup.target.model);
    w.field("quantization", unless_empty(s.quantization)).field("api", s.setup.target.api);
    w.field("together", s.together);
    w.field("latencies_from", s.setup.open ? "arrival" : "send");
    w.key("setting").begin_object().field("parallel", set.parallel.confirmed);
    w.field("unified_kv", set.unified_kv.confirmed);
    w.field("context_length", set.context_length.confirmed).end_object();
    const source_kind kind = sources[s.source].kind;
    w.key("of").begin_object();
    w.field(to_string(kind), kind == source_kind::run ? s.points.front().levels.front().run
                                                      : number_of(sources, s.source));
    if (s.variant) w.field("variant", *s.variant);
    w.end_object().key("x").begin_object().field("name", s.x_name).field("unit", s.x_unit);
    w.end_object().key("points").begin_array();
    for (const series_point& p : s.points) write_point(w, p);
    w.end_array();
    write_law(w, s);
    write_knee(w, s);
    write_slo(w, s);
    w.end_object();
}

std::optional<double> beyond_of(const analyze::sweep_figure& f, const sweep_report& r,
                                std::size_t variant, std::size_t load) {
    std::vector<const level_summary*> runs;
    for (const analyze::measured_cell& m : r.cells) {
        if (m.cell.variant == variant && m.cell.load == load) runs.push_back(&m.figures.level);
    }
    return analyze::beyond_runs(f, runs);
}

void write_table(json_writer& w, const sweep_report& r) {
    w.key("table").begin_array();
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        for (std::size_t load = 0; load < r.plan.loads.size(); ++load) {
            w.begin_object().field("variant", v).field("load", load).key("figures").begin_object();
            std::uint32_t runs = 0;
            for (const analyze::sweep_figure& f : report_figures()) {
                const auto seen = analyze::over_runs(f, r.cells, v, load);
                if (const auto beyond = beyond_of(f, r, v, load)) {
                    write_beyond(w, f, *beyond);
                    continue;
                }
                if (!seen) continue;
                write_figure(w, f, *seen);
                runs = std::max(runs, seen->runs);
            }
            w.end_object().field("runs", runs).end_object();
        }
    }
    w.end_array();
}

void write_cells(json_writer& w, const sweep_report& r, std::size_t first_run) {
    w.key("cells").begin_array();
    for (std::size_t i = 0; i < r.cells.size(); ++i) {
        const analyze::measured_cell& m = r.cells[i];
        w.begin_object().field("variant", m.cell.variant).field("load", m.cell.load);
        w.field("run", m.cell.run).field("run_index", first_run + i);
        w.field("invalid", unless_empty(m.invalid)).key("not_in_force").begin_array();
        for (const std::string& what :
             analyze::not_in_force(r.plan.variants[m.cell.variant], m.figures)) {
            w.value(what);
        }
        w.end_array().end_object();
    }
    w.end_array();
}

}  // namespace

void write_figure_names(json_writer& w) {
    w.key("figures").begin_object();
    for (const analyze::sweep_figure& f : report_figures()) {
        w.key(f.key).begin_object().field("name", name_of(f)).field("unit", unit_of(f));
        w.field("lower_is_better", f.lower_is_better);
        w.field("has_interval", has_interval(f)).end_object();
    }
    w.end_object();
}

void write_series(json_writer& w, std::span<const source> sources, const std::vector<series>& all) {
    w.key("series").begin_array();
    for (const series& s : all) write_one(w, sources, s);
    w.end_array();
}

void write_models(json_writer& w, const std::vector<series>& all) {
    struct best_point {
        std::size_t series;
        std::size_t point;
        double output;
    };
    std::map<std::string, best_point> models;
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t k = 0; k < all[i].points.size(); ++k) {
            const best_point here{i, k, output_of(all[i].points[k])};
            const auto [at, added] = models.emplace(all[i].setup.target.model, here);
            if (!added && here.output > at->second.output) at->second = here;
        }
    }
    w.key("models").begin_array();
    for (const auto& [model, at] : models) {
        if (models.size() < 2) break;
        w.begin_object().field("model", model);
        w.field("quantization", unless_empty(all[at.series].quantization));
        w.field("series", at.series).field("point", at.point).end_object();
    }
    w.end_array();
}

void write_sweeps(json_writer& w, std::span<const source> sources) {
    w.key("sweeps").begin_array();
    std::size_t first_run = 0;
    for (const source& s : sources) {
        if (s.sweep) {
            w.begin_object().field("name", s.name);
            write_plan(w, *s.sweep);
            write_choice(w, *s.sweep);
            write_table(w, *s.sweep);
            write_cells(w, *s.sweep, first_run);
            w.end_object();
        }
        first_run += s.runs.size();
    }
    w.end_array();
}

void write_capacities(json_writer& w, std::span<const source> sources) {
    w.key("capacities").begin_array();
    for (const source& s : sources) {
        if (!s.capacity) continue;
        w.begin_object().field("name", s.name);
        write_capacity(w, *s.capacity);
        w.end_object();
    }
    w.end_array();
}

}  // namespace lmstress::report
