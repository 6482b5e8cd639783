#include "measure/setup_json.hpp"

namespace lmstress::measure {
namespace {

template <class T>
void write_setting(wire::json_writer& w, std::string_view key, const server_setting<T>& s) {
    w.key(key).begin_object().field("requested", s.requested).field("confirmed", s.confirmed);
    w.field("source", s.source.empty() ? std::nullopt : std::optional{s.source}).end_object();
}

std::optional<std::string_view> said(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>{text};
}

void write(wire::json_writer& w, const server_hardware& h) {
    w.begin_object().field("cpu", said(h.cpu)).field("ram_bytes", h.ram_bytes);
    w.field("vram_bytes", h.vram_bytes).key("gpus").begin_array();
    for (const server_gpu& g : h.gpus) {
        w.begin_object().field("name", g.name).field("memory_bytes", g.memory_bytes);
        w.field("platform", said(g.platform)).end_object();
    }
    w.end_array().end_object();
}

}  // namespace

void write(wire::json_writer& w, const server_facts& f) {
    if (!f.any()) return;
    w.key("server").begin_object().field("software", f.software).field("version", said(f.version));
    w.field("build", said(f.build)).key("runtimes").begin_array();
    for (const std::string& runtime : f.runtimes) w.value(runtime);
    w.end_array().key("hardware");
    if (f.hardware) {
        write(w, *f.hardware);
    } else {
        w.null();
    }
    w.end_object();
}

void write(wire::json_writer& w, const model_facts& m) {
    w.key("model").begin_object().field("key", m.key).field("architecture", said(m.architecture));
    w.field("format", said(m.format)).field("params", said(m.params));
    w.field("quantization", said(m.quantization)).field("size_bytes", m.size_bytes).end_object();
}

void write(wire::json_writer& w, const server_settings& s) {
    w.begin_object();
    write_setting(w, "parallel", s.parallel);
    write_setting(w, "unified_kv", s.unified_kv);
    write_setting(w, "context_length", s.context_length);
    w.field("quantization", s.quantization.empty() ? std::nullopt : std::optional{s.quantization});
    w.field("loaded_instances", s.loaded_instances);
    w.end_object();
}

void write_left_out(wire::json_writer& w, const level_setup& s) {
    if (s.left_out.empty()) return;
    w.key("left_out").begin_array();
    for (const std::string& word : s.left_out) w.value(word);
    w.end_array();
}

void write_calibration(wire::json_writer& w, const level_setup& s) {
    if (!s.calibration) return;
    w.key("calibration").begin_object().field("requests", s.calibration->requests);
    w.field("overhead_tokens", s.calibration->overhead);
    w.field("tokens_per_word", s.calibration->tokens_per_word);
    w.field("largest_residual_tokens", s.calibration->largest_residual).end_object();
}

void write_parts(wire::json_writer& w, const run_setup& s) {
    if (s.parts.empty()) return;
    w.key("merged").begin_array();
    for (const merged_part& p : s.parts) {
        w.begin_object().field("name", p.name).field("id", p.id);
        w.field("started_unix_ns", p.started_unix_ns).field("moved_ns", p.moved.count());
        w.field("valid", p.valid).field("reason", said(p.reason)).end_object();
    }
    w.end_array();
}

void write_file_hashes(wire::json_writer& w, const run_setup& s) {
    if (s.file_hashes.empty()) return;
    w.key("file_hashes").begin_object();
    for (const auto& [pointer, hash] : s.file_hashes) w.field(pointer, hash);
    w.end_object();
}

void write(wire::json_writer& w, const selfcheck_note& n) {
    w.begin_object();
    write_members(w, n);
    w.end_object();
}

void write_members(wire::json_writer& w, const selfcheck_note& n) {
    const selfcheck_note::load load = n.held.value_or(selfcheck_note::load{});
    w.field("started_unix_ns", n.started_unix_ns).field("streams", load.streams);
    w.field("events_per_second", load.events_per_second).field("requests", load.requests);
    // Of no load an error of zero would be a perfect client's.
    const auto known = [&](double error) { return n.held ? std::optional{error} : std::nullopt; };
    w.field("ttft_error_p99_ms", known(load.ttft_error_p99_ms));
    w.field("gap_error_p99_ms", known(load.gap_error_p99_ms));
}

void write(wire::json_writer& w, const engine_facts& e) {
    const auto text = [&](std::string_view key, const std::string& value) {
        w.field(key, said(value));
    };
    w.key("model_info").begin_object();
    text("arch", e.arch);
    text("quant", e.quant);
    text("format", e.format);
    w.field("context_length", e.context_length).end_object();
    w.key("runtime").begin_object();
    text("name", e.runtime);
    text("version", e.runtime_version);
    w.end_object();
}

void write(wire::json_writer& w, const draft_counts& d) {
    w.key("draft").begin_object().field("total", d.total).field("accepted", d.accepted);
    w.field("rejected", d.rejected).field("ignored", d.ignored);
    w.field("model", said(d.model)).end_object();
}

}  // namespace lmstress::measure
