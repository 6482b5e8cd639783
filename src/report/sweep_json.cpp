#include "analyze/best_setting.hpp"
#include "lmstress/version.hpp"
#include "measure/setup_json.hpp"
#include "report/interval_json.hpp"
#include "report/sweep_report.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>

namespace lmstress::report {
namespace {

using wire::json_writer;

void write(json_writer& w, const server_variant& v) {
    w.begin_object().field("name", variant_name(v));
    w.field("model", v.model.empty() ? std::nullopt : std::optional{v.model});
    w.field("parallel", v.parallel).field("unified_kv", v.unified_kv);
    w.field("context_length", v.context_length).key("load_fields").begin_object();
    for (const auto& [name, json] : v.fields) w.key(name).raw(json);
    w.end_object().field("cold", v.cold).end_object();
}

void write(json_writer& w, const std::optional<analyze::batch_figures>& b,
           const std::vector<double>& decoding) {
    w.key("batch");
    if (!b) {
        w.null();
        return;
    }
    w.begin_object().field("in_flight_mean", b->in_flight_mean);
    w.field("decoding_mean", b->decoding_mean).field("decoding_max", b->decoding_most);
    w.field("shown_parallel", b->parallel).field("in_slots", b->in_slots);
    w.field("fairness", b->fairness).key("decoding_over_window").begin_array();
    for (const double d : decoding) w.value(d);
    w.end_array().end_object();
}

void write(json_writer& w, const std::optional<analyze::prefill_interference>& i) {
    w.key("prefill_interference");
    if (!i) {
        w.null();
        return;
    }
    w.begin_object().field("gap_during_ms", i->during_ms).field("gap_else_ms", i->else_ms);
    w.field("ratio", i->ratio);
    write_interval(w, "ci95", i->ci95);
    w.field("gaps_during", i->gaps_during).field("gaps_else", i->gaps_else).end_object();
}

void write(json_writer& w, const std::optional<analyze::mean_phases>& p) {
    w.key("phases_mean_ms");
    if (!p) {
        w.null();
        return;
    }
    w.begin_object().field("requests", p->requests).field("of", p->of);
    w.field("queue", p->queue_ms);
    w.field("load", p->load_ms).field("prefill", p->prefill_ms).field("decode", p->decode_ms);
    w.field("queue_or_prefill", p->unknown_ms).end_object();
}

void write_context(json_writer& w, const analyze::cell_figures& f) {
    w.key("pool_exhaustion");
    if (f.exhausted) {
        w.begin_object();
        w.field("at_seconds", static_cast<double>(f.exhausted->at.count()) / 1e9);
        w.field("demand_tokens", f.exhausted->demand).field("streams", f.exhausted->streams);
        w.field("failed", f.exhausted->failed).end_object();
    } else {
        w.null();
    }
    w.key("context_limit");
    if (f.limited) {
        w.begin_object().field("requests", f.limited->answers + f.limited->prompts);
        w.field("answers", f.limited->answers).field("prompts", f.limited->prompts);
        w.field("tokens", f.limited->tokens).end_object();
    } else {
        w.null();
    }
}

void write_figures(json_writer& w, const level_summary& level) {
    w.key("figures").begin_object();
    for (const analyze::sweep_figure& f : analyze::sweep_figures()) {
        w.key(f.key);
        const auto v = f.of(level);
        if (!v) {
            w.null();
            continue;
        }
        w.begin_object().field("value", *v);
        write_interval(w, "ci95", f.around == nullptr ? std::nullopt : f.around(level));
        w.end_object();
    }
    w.end_object();
}

void write(json_writer& w, const sweep_report& r, const analyze::measured_cell& m) {
    const analyze::cell_figures& f = m.figures;
    w.begin_object().field("variant", m.cell.variant).field("load", m.cell.load);
    w.field("run", m.cell.run).field("directory", m.directory).field("exit_code", m.exit_code);
    w.field("invalid", m.invalid.empty() ? std::nullopt : std::optional{m.invalid});
    w.field("server_busy", m.server_busy);
    w.field("streams", f.level.setup.concurrency).key("server");
    measure::write(w, f.level.setup.server);
    w.key("not_in_force").begin_array();
    for (const std::string& what : analyze::not_in_force(r.plan.variants[m.cell.variant], f)) {
        w.value(what);
    }
    w.end_array();
    write_figures(w, f.level);
    write(w, f.batch, f.decoding);
    write(w, f.interference);
    write(w, f.phases);
    w.key("prefill_by_depth").begin_array();
    for (const analyze::prefill_speed& s : f.prefill) {
        w.begin_object().field("from_token", s.from).field("tokens", s.tokens);
        w.field("tokens_per_second", s.tokens_per_second).end_object();
    }
    w.end_array();
    write_context(w, f);
    w.end_object();
}

void write_table(json_writer& w, const sweep_report& r) {
    w.key("table").begin_array();
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        for (std::size_t load = 0; load < r.plan.loads.size(); ++load) {
            w.begin_object().field("variant", v).field("load", load).key("figures").begin_object();
            for (const analyze::sweep_figure& f : analyze::sweep_figures()) {
                w.key(f.key);
                const auto seen = analyze::over_runs(f, r.cells, v, load);
                if (!seen) {
                    w.null();
                    continue;
                }
                w.begin_object().field("mean", seen->mean);
                write_interval(w, "ci95", seen->ci95);
                w.field("runs", seen->runs).end_object();
            }
            w.end_object().end_object();
        }
    }
    w.end_array();
}

}  // namespace

void write_plan(json_writer& w, const sweep_report& r) {
    w.key("variants").begin_array();
    for (const server_variant& v : r.plan.variants) write(w, v);
    w.end_array().key("loads").begin_array();
    for (const std::string& load : r.plan.loads) w.value(load);
    w.end_array().field("runs", r.runs);
}

void write_choice(json_writer& w, const sweep_report& r) {
    w.key("parallelism").begin_array();
    for (std::size_t v = 0; v < r.plan.variants.size(); ++v) {
        w.begin_object().field("variant", v).field("set", r.plan.variants[v].parallel);
        w.field("shown", analyze::shown_parallel(r.cells, v)).end_object();
    }
    w.end_array().key("best");
    if (const auto best = analyze::best_of(r.plan, r.cells, r.attainment)) {
        w.begin_object().field("variant", best->variant).field("load", best->load);
        w.field("by_objective", best->by_objective).field("sentence", best->sentence).end_object();
    } else {
        w.null();
    }
}

std::string sweep_json(const sweep_report& r) {
    std::string out;
    json_writer w{out, json_writer::style::indented};
    w.begin_object().field("schema", "lmstress.sweep/1").key("tool").begin_object();
    w.field("name", "lmstress").field("version", version).end_object();
    w.field("exit_code", r.exit_code).key("scenario").laid_out(r.scenario_json);
    write_plan(w, r);
    w.key("cells").begin_array();
    for (const analyze::measured_cell& m : r.cells) write(w, r, m);
    w.end_array();
    write_table(w, r);
    write_choice(w, r);
    w.end_object();
    return out + '\n';
}

}  // namespace lmstress::report
