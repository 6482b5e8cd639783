#include "store/history_json.hpp"

#include <optional>
#include <string>

namespace lmstress::store {
namespace {

std::optional<std::string> said(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

void write_counts(wire::json_writer& w, const history_entry& e) {
    std::uint64_t levels = 0;
    std::uint64_t offered = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    for (const history_level& l : e.levels) {
        if (is_together(l)) continue;
        ++levels;
        offered += l.offered;
        completed += l.completed;
        failed += l.failed;
    }
    w.field("levels", levels);
    w.key("requests").begin_object().field("offered", offered).field("completed", completed);
    w.field("failed", failed).end_object();
}

/// Of the fastest level; all null where no level made a token.
void write_speed(wire::json_writer& w, const history_entry& e) {
    const history_level* best = fastest_level(e);
    const history_level none;
    const history_level& l = best == nullptr ? none : *best;
    w.field("speed", l.output_tokens_per_second).field("speed_streams", l.streams);
    w.field("speed_rate", l.rate);
    w.field("ttft_p50_ms", l.ttft_p50_ms).field("ttft_p95_ms", l.ttft_p95_ms);
    w.field("itl_p50_ms", l.itl_p50_ms);
    w.field("ttft_p95_few", l.ttft_p95_ms && too_few_for(l, 0.95));
    w.field("itl_p50_few", l.itl_p50_ms && too_few_for(l, 0.5));
}

}  // namespace

void write_whole(wire::json_writer& w, const std::optional<history_whole>& whole) {
    w.key("whole");
    if (!whole) return static_cast<void>(w.null());
    w.begin_object().field("state", whole->state).field("answer", whole->answer).end_object();
}

void write_row(wire::json_writer& w, const history_entry& e) {
    w.begin_object().field("id", e.id).field("run_id", e.run_id).field("kind", to_string(e.kind));
    w.field("group", said(e.group)).field("directory", e.directory);
    write_whole(w, e.whole);
    w.field("started_unix_ms", e.started_unix_ns / 1'000'000).field("exit_code", e.exit_code);
    w.field("valid", e.valid).field("state", e.state).field("ended_early", said(e.ended_early));
    w.field("url", e.url).field("api", e.api).field("model", e.model);
    w.field("quantization", said(e.quantization));
    w.field("architecture", e.about_model ? said(e.about_model->architecture) : std::nullopt);
    w.field("server", said(e.server));
    w.field("parallel", e.parallel).field("unified_kv", e.unified_kv);
    w.field("context_length", e.context_length);
    write_counts(w, e);
    write_speed(w, e);
    w.key("tags").begin_array();
    for (const std::string& tag : e.tags) w.value(tag);
    w.end_array().key("labels").begin_object();
    for (const auto& [key, value] : e.labels) w.field(key, value);
    w.end_object().end_object();
}

void write_levels(wire::json_writer& w, const history_entry& e) {
    w.begin_array();
    for (const history_level& l : e.levels) {
        w.begin_object().field("index", l.index).field("api", l.api);
        w.field("together", is_together(l)).field("model", l.model);
        w.field("streams", l.streams).field("rate", l.rate).field("offered", l.offered);
        w.field("completed", l.completed).field("failed", l.failed);
        w.field("output_tokens_per_second", l.output_tokens_per_second);
        w.field("requests_per_second", l.requests_per_second);
        w.field("ttft_p50_ms", l.ttft_p50_ms).field("ttft_p95_ms", l.ttft_p95_ms);
        w.field("itl_p50_ms", l.itl_p50_ms).field("e2e_p50_ms", l.e2e_p50_ms);
        w.field("tpot_p50_ms", l.tpot_p50_ms).field("slo_attainment", l.slo_attainment);
        w.end_object();
    }
    w.end_array();
}

std::string history_list_json(std::span<const history_entry> runs, std::int64_t total,
                              std::int64_t limit) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    w.begin_object().key("runs").begin_array();
    for (const history_entry& e : runs) write_row(w, e);
    w.end_array().field("total", total).key("next_before");
    if (static_cast<std::int64_t>(runs.size()) == limit) {
        w.value(runs.back().id);
    } else {
        w.null();
    }
    w.end_object();
    return out + '\n';
}

std::string history_line(const history_entry& e, const std::string& summary_json) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object().field("schema", "lmstress.history/1").key("run");
    write_row(w, e);
    w.key("levels");
    write_levels(w, e);
    w.key("summary").laid_out(summary_json).end_object();
    return out + '\n';
}

}  // namespace lmstress::store
