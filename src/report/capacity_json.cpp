#include "lmstress/version.hpp"
#include "report/capacity_report.hpp"
#include "report/interval_json.hpp"
#include "report/law_text.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::report {
namespace {

using wire::json_writer;

void write(json_writer& w, std::string_view name,
           const std::optional<analyze::capacity_search::end>& e) {
    w.key(name);
    if (!e) {
        w.null();
        return;
    }
    w.begin_object().field("load", e->load).field("verdict", to_string(e->verdict));
    w.field("tested_again", e->tested_again).end_object();
}

/// "STEM_ms", and "STEM_ci95", where it lies.
void write_p95(json_writer& w, const std::string& stem, const level_summary& l,
               std::string_view metric) {
    const distribution* d = l.metric(metric);
    w.field(stem + "_ms", d == nullptr ? std::nullopt : std::optional{d->p95});
    write_interval(w, stem + "_ci95", d == nullptr ? std::nullopt : d->ci95.p95);
}

void write(json_writer& w, const analyze::capacity_step& s) {
    const level_summary& l = s.level.summary;
    w.begin_object().field("load", s.load).field("verdict", to_string(s.verdict));
    w.field("pieces", s.pieces).field("cut_short", s.cut_short);
    w.field("server_busy", s.server_busy);
    w.field("window_seconds", static_cast<double>((s.earlier + s.length).count()) / 1e9);
    w.field("requests", l.requests.offered).field("completed", l.requests.completed);
    w.field("failed", l.requests.failed).field("timed_out", l.requests.timed_out);
    w.field("attainment", l.slo ? std::optional{l.slo->attainment} : std::nullopt);
    write_interval(w, "attainment_ci95", analyze::attainment_interval(s.level));
    w.field("output_tokens_per_second", l.output_tokens_per_second);
    write_p95(w, "ttft_p95", l, l.setup.open ? "ttft_intended_ms" : "ttft_ms");
    write_p95(w, "itl_p95", l, "itl_ms");
    w.end_object();
}

void write_parameter(json_writer& w, const analyze::scaling_law& law, std::size_t i,
                     std::string_view name, double value) {
    const bool determined = law.determines(i);
    w.key(name).begin_object().field("value", determined ? std::optional{value} : std::nullopt);
    write_interval(w, "ci95", i < law.ci95.size() ? std::optional{law.ci95[i]} : std::nullopt);
    w.field("reason",
            determined ? std::optional<std::string_view>{} : std::optional{undetermined_parameter});
    w.end_object();
}

void write(json_writer& w, const std::optional<analyze::scaling_law>& law) {
    w.key("scaling_law");
    if (!law) {
        w.null();
        return;
    }
    const bool universal = law->better == analyze::law::universal;
    w.begin_object().field("law", universal ? "usl" : "hinge").field("r2", law->r2);
    w.field("aic_usl", law->aic_universal).field("aic_hinge", law->aic_hinge);
    w.field("holds_up_to", law->holds_up_to()).key("parameters").begin_object();
    if (universal) {
        write_parameter(w, *law, 0, "lambda", law->universal.lambda);
        write_parameter(w, *law, 1, "sigma", law->universal.sigma);
        write_parameter(w, *law, 2, "kappa", law->universal.kappa);
    } else {
        write_parameter(w, *law, 0, "lambda", law->hinge.lambda);
        write_parameter(w, *law, 1, "knee", law->hinge.knee);
        write_parameter(w, *law, 2, "slope", law->hinge.slope);
    }
    w.end_object().end_object();
}

}  // namespace

void write_capacity(json_writer& w, const capacity_report& r) {
    w.field("of", r.rate ? "rate" : "users").field("objective", r.objective);
    w.field("attainment", r.attainment).field("answer", capacity_answer(r));
    write(w, "low", r.found.low);
    write(w, "high", r.found.high);
    write(w, "undecided_below", undecided_below(r));
    write(w, "failed_above", failed_above(r));
    w.field("out_of_time", r.out_of_time).field("ended_early", r.ended_early);
    w.key("steps").begin_array();
    for (const analyze::capacity_step& s : r.steps) write(w, s);
    w.end_array().key("directories").begin_array();
    for (const std::string& d : r.directories) w.value(d);
    w.end_array().key("by_clause").begin_array();
    for (const analyze::clause_capacity& c : analyze::by_clause(r.steps, r.attainment)) {
        w.begin_object().field("clause", c.clause).field("holds", c.holds).field("fails", c.fails);
        w.end_object();
    }
    w.end_array();
    write(w, r.law);
    w.field("knee", r.knee).key("limit");
    if (r.limit) {
        w.begin_object().field("is", analyze::to_string(r.limit->is));
        w.field("evidence", r.limit->evidence).field("next_step", r.limit->next_step).end_object();
    } else {
        w.null();
    }
}

std::string capacity_json(const capacity_report& r) {
    std::string out;
    json_writer w{out, json_writer::style::indented};
    w.begin_object().field("schema", "lmstress.capacity/1").key("tool").begin_object();
    w.field("name", "lmstress").field("version", version).end_object();
    w.field("exit_code", r.exit_code).key("scenario").laid_out(r.scenario_json);
    write_capacity(w, r);
    w.end_object();
    return out + '\n';
}

}  // namespace lmstress::report
