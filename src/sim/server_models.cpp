// The routes that list, load and unload models, and what waits for a load.

#include "sim/request_json.hpp"
#include "sim/server.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <array>
#include <vector>

namespace lmstress::sim {

namespace {

constexpr std::array<std::string_view, 8> load_keys = {
    "model",       "context_length",          "eval_batch_size",  "flash_attention",
    "num_experts", "offload_kv_cache_to_gpu", "echo_load_config", "parallel"};
constexpr std::array<std::string_view, 1> unload_keys = {"instance_id"};

}  // namespace

nanoseconds server::load_time() const {
    return nanoseconds{static_cast<std::int64_t>(settings_.load_seconds * 1e9)};
}

void server::finish_loads(instant now) {
    std::erase_if(waiting_, [&](const waiting_chat& w) {
        instance* on = models_.find_instance(w.instance_id);
        if (on == nullptr || on->ready_at > now) return false;
        generations_.at(w.id).answer->load_ended(on->ready_at, on->load_seconds);
        submit(w.id, *on, on->ready_at);
        return true;
    });
    std::erase_if(loads_, [&](const pending_load& l) {
        const instance* on = models_.find_instance(l.instance_id);
        if (on == nullptr || on->ready_at > now) return false;
        std::string body;
        wire::json_writer w{body, wire::json_writer::style::indented};
        w.begin_object().field("type", models_.find(on->key)->type).field("instance_id", on->id);
        w.field("load_time_seconds", on->load_seconds).field("status", "loaded");
        if (l.echo) w.key("load_config").raw(load_config(*on));
        w.end_object();
        answer(*l.to, 200, body);
        return true;
    });
}

std::string server::load_config(const instance& i) const {
    std::string out;
    wire::json_writer w{out};
    const engine_settings& s = i.runs.settings();
    w.begin_object()
        .field("context_length", s.context_length)
        .field("eval_batch_size", s.prefill_chunk);
    w.field("parallel", s.parallel).field("flash_attention", true);
    w.field("offload_kv_cache_to_gpu", true).end_object();
    return out;
}

void server::list_native_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("models").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        w.begin_object().field("type", m.type).field("publisher", m.publisher).field("key", m.key);
        w.field("display_name", m.display_name).field("architecture", "built-in");
        w.key("quantization").begin_object().field("name", "Q4_K_M").field("bits_per_weight", 4);
        w.end_object().field("size_bytes", 2279145003).field("params_string", "4B");
        w.key("loaded_instances").begin_array();
        for (const instance& i : models_.instances()) {
            if (i.key != m.key) continue;
            w.begin_object().field("id", i.id).key("config").raw(load_config(i)).end_object();
        }
        w.end_array().field("max_context_length", m.max_context_length).field("format", "gguf");
        w.key("capabilities").begin_object().field("vision", false);
        w.field("trained_for_tool_use", true).end_object();
        w.field("description", std::optional<int>{}).end_object();
    }
    w.end_array().end_object();
    answer(to, 200, body);
}

void server::list_openai_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("data").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        w.begin_object().field("id", m.key).field("object", "model");
        w.field("owned_by", "organization_owner").end_object();
    }
    w.end_array().field("object", "list").end_object();
    answer(to, 200, body);
}

void server::load_model(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, load_keys, to)) return;
    const std::string key = string_in(*body, "model");
    if (key.empty()) {
        return native_error(to, 400, "invalid_request", "\"model\" is required",
                            "missing_required_parameter", "model");
    }
    const model_entry* entry = models_.find(key);
    if (entry == nullptr) {
        return native_error(to, 404, "model_not_found",
                            "Model " + key + " not found in downloaded models");
    }
    engine_settings s = settings_.engine;
    std::uint64_t parallel = s.parallel;
    if (refuse_bad_count(*body, "context_length", 1U << 30U, s.context_length, to) ||
        refuse_bad_count(*body, "eval_batch_size", 1U << 30U, s.prefill_chunk, to) ||
        refuse_bad_count(*body, "parallel", 1023, parallel, to)) {
        return;
    }
    s.parallel = static_cast<std::uint32_t>(parallel);
    const instance& made = models_.load(*entry, s, now + load_time(), settings_.load_seconds);
    loads_.push_back({&to, made.id, true_in(*body, "echo_load_config", false)});
}

void server::unload_model(const http_request& request, reply& to, instant now) {
    const auto body = parse_object(request.body);
    if (!body) return native_error(to, 400, "invalid_request", "Invalid JSON");
    if (refuse_unknown_keys(*body, unload_keys, to)) return;
    const std::string id = string_in(*body, "instance_id");
    if (models_.find_instance(id) == nullptr) {
        return native_error(to, 404, "model_not_found", "Model instance " + id + " is not loaded");
    }
    std::erase_if(waiting_, [&](const waiting_chat& w) { return w.instance_id == id; });
    std::erase_if(generations_, [&](auto& entry) {
        if (entry.second.instance_id != id) return false;
        entry.second.answer->fail("Model unloaded.", now);
        return true;
    });
    std::erase_if(loads_, [&](const pending_load& l) {
        if (l.instance_id != id) return false;
        native_error(*l.to, 500, "internal_error", "Model unloaded.", "unknown");
        return true;
    });
    models_.unload(id);
    std::string body_text;
    wire::json_writer{body_text, wire::json_writer::style::indented}
        .begin_object()
        .field("instance_id", id)
        .end_object();
    answer(to, 200, body_text);
}

}  // namespace lmstress::sim
