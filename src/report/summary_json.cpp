#include "report/summary_json.hpp"

#include "lmstress/version.hpp"
#include "measure/client_quality.hpp"
#include "measure/distribution.hpp"
#include "measure/setup_json.hpp"
#include "report/interval_json.hpp"
#include "report/threshold.hpp"
#include "report/validity_block.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::report {
namespace {

using wire::json_writer;

void write(json_writer& w, std::string_view quantile, const std::optional<interval>& around) {
    w.key(quantile);
    if (around) {
        w.begin_array().value(around->low).value(around->high).end_array();
    } else {
        w.null();
    }
}

void write(json_writer& w, const std::optional<distribution>& d) {
    if (!d) {
        w.null();
        return;
    }
    w.begin_object().field("count", d->count).field("censored", d->cut);
    w.field("mean", d->mean).field("min", d->min);
    w.field("p50", d->p50).field("p90", d->p90).field("p95", d->p95).field("p99", d->p99);
    w.field("max", d->max).key("ci95").begin_object();
    write(w, "p50", d->ci95.p50);
    write(w, "p90", d->ci95.p90);
    write(w, "p95", d->ci95.p95);
    write(w, "p99", d->ci95.p99);
    w.end_object().end_object();
}

void write_setup(json_writer& w, const level_summary& level) {
    const level_setup& s = level.setup;
    w.field("index", s.index).key("target").begin_object().field("url", s.target.url);
    w.field("api", s.target.api).field("model", s.target.model);
    w.field("answered_by",
            level.answered_by.empty() ? std::nullopt : std::optional{level.answered_by});
    w.end_object().key("server");
    measure::write(w, s.server);
    w.field("concurrency", s.concurrency);
    if (level.engine) measure::write(w, *level.engine);
    measure::write_left_out(w, s);
    measure::write_calibration(w, s);
}

void write_counts(json_writer& w, const level_summary& level) {
    const request_counts& c = level.requests;
    w.key("requests").begin_object().field("offered", c.offered).field("completed", c.completed);
    w.field("failed", c.failed).field("timed_out", c.timed_out).field("shed", c.shed);
    w.field("censored", c.censored).field("retried", c.retried);
    w.field("from_cache", c.from_cache);
    w.field("model_mismatch", c.model_mismatch).field("not_sent", c.not_sent).end_object();
    w.key("errors").begin_object();
    for (const auto& [kind, error] : level.errors) {
        w.key(kind).begin_object().field("count", error.count).field("example", error.example);
        w.end_object();
    }
    w.end_object();
}

void write_groups(json_writer& w, std::string_view key, std::string_view from,
                  const std::vector<ttft_group>& groups) {
    w.key(key).begin_array();
    for (const ttft_group& g : groups) {
        w.begin_object().field(from, g.from).field("requests", g.requests);
        w.field("input_tokens_p50", g.input_tokens_p50);
        w.field("cached_tokens_p50", g.cached_tokens_p50).key("ttft_ms");
        write(w, g.ttft_ms);
        w.end_object();
    }
    w.end_array();
}

/// Of levels whose conversations have more than one turn, and of answers for which tools were
/// called; others have neither.
void write_conversations(json_writer& w, const level_summary& level) {
    if (!level.by_turn.empty()) {
        const conversation_counts& c = level.conversations;
        w.key("conversations").begin_object().field("begun", c.begun);
        w.field("completed", c.completed).field("broken", c.broken);
        write_groups(w, "ttft_by_turn", "turn", level.by_turn);
        write_groups(w, "ttft_by_depth", "input_tokens_from", level.by_depth);
        w.end_object();
    }
    if (level.tools.empty()) return;
    w.key("tools").begin_object();
    for (const auto& [name, t] : level.tools) {
        w.key(name).begin_object().field("calls", t.calls).field("failed", t.failed).key("ms");
        write(w, t.ms);
        w.end_object();
    }
    w.end_object();
}

/// Left out where no prompt was made up.
void write_lengths(json_writer& w, const prompt_lengths& l) {
    const auto known = [&](double v) { return l.requests > 0 ? std::optional{v} : std::nullopt; };
    w.key("prompt_lengths").begin_object().field("requests", l.requests);
    w.field("uncounted", l.uncounted).field("asked_p50", known(l.asked_p50));
    w.field("achieved_p50", known(l.achieved_p50)).field("ratio_p50", known(l.ratio_p50));
    w.end_object();
}

/// Left out where nothing was promised.
void write_slo(json_writer& w, const slo_summary& s) {
    w.key("slo").begin_object().field("met", s.met).field("attainment", s.attainment);
    write(w, "ci95", s.ci95);
    w.field("goodput_per_second", s.goodput_per_second);
    write_interval(w, "goodput_ci95", s.goodput_ci95);
    w.key("clauses").begin_object();
    for (const slo_clause& c : s.clauses) {
        w.key(c.name).begin_object().field("below_ms", c.below_ms).field("met", c.met);
        w.field("attainment", c.attainment);
        write(w, "ci95", c.ci95);
        w.end_object();
    }
    w.end_object().end_object();
}

void write_load(json_writer& w, const level_summary& level) {
    const auto& open = level.setup.open;
    w.key("load").begin_object().field("kind", open ? "open" : "closed");
    if (open) {
        w.field("arrivals", open->arrivals).field("requested_rate", open->requested_rate);
        w.field("max_in_flight", level.setup.concurrency);
    } else {
        w.field("streams", level.setup.concurrency);
    }
    if (level.load) {
        const load_figures& f = *level.load;
        if (open) {
            w.field("achieved_rate", f.achieved_rate).field("shed_late", f.shed_late);
            w.field("overload", f.grows);
        }
        w.key("in_flight").begin_object().field("mean", f.in_flight_mean);
        w.field("max", f.in_flight_max).field("growth", f.in_flight_growth).end_object();
        w.field("littles_law_residual", f.littles_residual);
    }
    w.end_object();
}

/// What stands behind the figures of a level: events as they came, and how the client and the
/// network were meanwhile.
void write_circumstances(json_writer& w, const level_summary& level) {
    w.key("events").begin_object().field("count", level.events);
    w.field("coalesced", level.coalesced_events).field("user_clock", level.user_events);
    w.field("unknown", level.unknown_events).end_object();
    const measure::client_quality client = measure::client_of(level);
    w.key("client").begin_object().key("read_lag_ms");
    write(w, client.read_lag_ms);
    w.key("event_loop_lag_ms");
    write(w, client.event_loop_lag_ms);
    w.field("cpu_share", client.cpu_share).end_object().key("network");
    if (level.network) {
        const network_figures& n = *level.network;
        w.begin_object().field("requests", n.requests).field("disturbed", n.disturbed);
        w.field("retransmits", n.retransmits).field("out_of_order", n.out_of_order);
        w.field("delayed_connects", n.delayed_connects);
        w.field("connect_retransmits", n.connect_retransmits).end_object();
    } else {
        w.null();
    }
}

void write_bounds(json_writer& w, const std::vector<measure::bound>& bounds) {
    w.key("bounds").begin_object();
    for (const measure::bound& b : bounds) {
        w.key(b.name).begin_object().field("value", b.value).field("limit", b.limit);
        w.field("level", b.level).field("holds", b.holds).end_object();
    }
    w.end_object();
}

}  // namespace

void write_level(json_writer& w, const level_summary& level) {
    w.begin_object();
    write_setup(w, level);
    write_counts(w, level);
    w.key("metrics").begin_object();
    for (const named_metric& m : level.metrics) {
        w.key(m.name);
        write(w, m.values);
    }
    w.end_object();
    write_conversations(w, level);
    const token_counts& t = level.tokens;
    w.key("tokens").begin_object().field("input", t.input).field("cached", t.cached);
    if (t.cache_creation > 0) w.field("cache_creation", t.cache_creation);
    w.field("output", t.output)
        .field("reasoning", t.reasoning)
        .field("source", t.source)
        .end_object();
    if (level.lengths) write_lengths(w, *level.lengths);
    if (level.draft) measure::write(w, *level.draft);
    w.field("tokens_per_event", level.tokens_per_event);
    w.field("itl_is_average", level.itl_is_average);
    w.key("throughput").begin_object().field("window_seconds", level.window_seconds);
    w.field("output_tokens_per_second", level.output_tokens_per_second);
    w.field("requests_per_second", level.requests_per_second);
    if (level.inputs_per_second) w.field("inputs_per_second", *level.inputs_per_second);
    w.end_object();
    write_load(w, level);
    if (level.vector_size) w.field("vector_size", *level.vector_size);
    if (level.slo) write_slo(w, *level.slo);
    w.key("steady_state");
    if (level.steady) {
        w.begin_object().field("transient_seconds", level.steady->transient_seconds);
        w.field("ttft_change", level.steady->ttft_change);
        w.field("drifts", level.steady->drifts).end_object();
    } else {
        w.null();
    }
    write_circumstances(w, level);
    w.end_object();
}

void write_validity(json_writer& w, const run_summary& run) {
    const measure::validity v = measure::judge(run);
    w.key("validity").begin_object().field("valid", v.valid()).key("reasons").begin_array();
    for (const std::string& reason : reasons(run, v)) w.value(reason);
    w.end_array();
    write_bounds(w, v.bounds);
    w.field("outcomes_add_up", v.at("outcomes_off").holds);
    w.field("histogram_overflow", v.histogram_overflow);
    w.key("clock").begin_object().field("kernel", v.kernel_stamps).field("user", v.user_stamps);
    w.end_object().key("clock_of_events").begin_object();
    w.field("kernel", v.events - v.user_events).field("user", v.user_events).end_object();
    w.field("coalesced_events", v.coalesced_events);
    w.field("unknown_events", v.unknown_events).key("read_lag_ms");
    write(w, v.read_lag_ms);
    w.key("event_loop_lag_ms");
    write(w, v.event_loop_lag_ms);
    w.field("client_cpu_share", v.client_cpu_share).field("client_max_rss_bytes", v.max_rss_bytes);
    w.end_object();
}

void write_thresholds(json_writer& w, const run_summary& run) {
    w.key("thresholds").begin_array();
    for (const judgement& j : judge_thresholds(run)) {
        w.begin_object().field("threshold", j.threshold).field("level", j.level);
        w.field("value", j.value);
        write(w, "ci95", j.ci95);
        w.field("verdict", to_string(j.verdict)).end_object();
    }
    w.end_array();
}

namespace {

void write_run(json_writer& w, const run_summary& run) {
    w.begin_object().field("schema", "lmstress.summary/1");
    w.key("tool").begin_object().field("name", "lmstress").field("version", version).end_object();
    w.key("scenario").laid_out(run.setup.scenario_json).key("labels").begin_object();
    for (const auto& [key, value] : run.setup.labels) w.field(key, value);
    w.end_object().key("run").begin_object().field("id", run.setup.id);
    w.field("started_unix_ns", run.setup.started_unix_ns);
    w.field("started_monotonic_ns", run.setup.started_monotonic_ns).field("seed", run.setup.seed);
    w.field("exit_code", run.exit_code);
    w.field("ended_early", run.ended_early.empty() ? std::nullopt : std::optional{run.ended_early});
    w.end_object();
    measure::write(w, run.setup.server);
    if (run.setup.model) measure::write(w, *run.setup.model);
    if (run.setup.selfcheck) {
        w.key("selfcheck");
        measure::write(w, *run.setup.selfcheck);
    }
    measure::write_file_hashes(w, run.setup);
    measure::write_parts(w, run.setup);
    write_validity(w, run);
    w.key("levels").begin_array();
    for (const level_summary& level : run.levels) write_level(w, level);
    w.end_array();
    if (run.server_states.empty()) return;
    w.key("server_states").begin_array();
    for (const server_state& s : run.server_states) {
        w.begin_object().field("at_seconds", static_cast<double>(s.at.count()) / 1e9);
        w.field("status", s.status).field("queued", s.queued).field("in_flight", s.in_flight);
        w.end_object();
    }
    w.end_array();
}

}  // namespace

std::string summary_json_without_thresholds(const run_summary& run) {
    std::string out;
    json_writer w{out};
    write_run(w, run);
    w.end_object();
    return out;
}

std::string summary_json(const run_summary& run) {
    std::string out;
    json_writer w{out, json_writer::style::indented};
    write_run(w, run);
    if (!run.setup.thresholds.empty()) write_thresholds(w, run);
    w.end_object();
    out += '\n';
    return out;
}

}  // namespace lmstress::report
