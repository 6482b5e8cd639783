// The routes that load and unload models, and what waits for a load.

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
        if (w.own) generations_.at(w.id).answer->load_ended(on->ready_at, on->load_seconds);
        submit(w.id, *on, on->ready_at);
        return true;
    });
    std::erase_if(loads_, [&](const pending_load& l) {
        const instance* on = models_.find_instance(l.instance_id);
        if (on == nullptr || on->ready_at > now) return false;
        std::string body;
        wire::json_writer w{body, wire::json_writer::style::indented};
        const model_entry* entry = models_.find(on->key);
        const bool embedding = entry != nullptr && entry->embedding;
        w.begin_object().field("type", embedding ? "embedding" : "llm");
        w.field("instance_id", on->id);
        w.field("load_time_seconds", on->load_seconds).field("status", "loaded");
        if (l.echo) w.key("load_config").raw(load_config(*on));
        w.end_object();
        answer(*l.to, 200, body);
        return true;
    });
}

/// Those of other models that came in the same way, whatever they are doing
/// (lmstudio-bug-tracker#671). One that is on its way to memory stays.
std::vector<std::string> server::to_evict_for(const model_entry& model, instant now) const {
    std::vector<std::string> others;
    if (!settings_.auto_evict) return others;
    for (const instance& i : models_.instances()) {
        if (i.set.jit && i.key != model.key && i.ready_at <= now) others.push_back(i.id);
    }
    return others;
}

/// It goes when nobody has asked it for a while.
void server::make_jit(instance_settings& set) const {
    set.jit = true;
    if (!set.ttl && settings_.jit_ttl > nanoseconds{0}) set.ttl = settings_.jit_ttl;
}

instance& server::load_for(const chat& c, const model_entry& model, instant now) {
    for (const std::string& id : to_evict_for(model, now)) unload(id, now);
    engine_settings s = settings_.engine;
    if (c.load_context > 0) s.context_length = c.load_context;
    instance& made = models_.load(model, s, now + load_time(), settings_.load_seconds);
    made.set.ttl = c.ttl;
    make_jit(made.set);
    return made;
}

std::string server::load_config(const instance& i) const {
    std::string out;
    wire::json_writer w{out};
    const engine_settings& s = i.runs.settings();
    w.begin_object().field("context_length", s.context_length);
    const model_entry* entry = models_.find(i.key);
    if (entry == nullptr || !entry->embedding) {
        w.field("eval_batch_size", s.prefill_chunk).field("parallel", s.parallel);
        w.field("flash_attention", i.set.flash_attention);
        if (i.set.experts > 0) w.field("num_experts", i.set.experts);
        w.field("offload_kv_cache_to_gpu", i.set.offload_kv_cache);
    }
    w.end_object();
    return out;
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
    instance_settings set{.flash_attention = true_in(*body, "flash_attention", true),
                          .offload_kv_cache = true_in(*body, "offload_kv_cache_to_gpu", true),
                          .experts = entry->experts};
    if (entry->embedding) s.context_length = entry->max_context_length;
    std::uint64_t parallel = s.parallel;
    std::uint64_t experts = 0;
    if (refuse_bad_count(*body, "context_length", 1U << 30U, s.context_length, to) ||
        refuse_bad_count(*body, "eval_batch_size", 1U << 30U, s.prefill_chunk, to) ||
        refuse_bad_count(*body, "num_experts", 1024, experts, to) ||
        refuse_bad_count(*body, "parallel", 1023, parallel, to)) {
        return;
    }
    s.parallel = static_cast<std::uint32_t>(parallel);
    // A setting that does not apply to a model is passed over, as by LM Studio.
    if (experts > 0 && entry->experts > 0) set.experts = experts;
    const bool as_asked = !settings_.ignore_load_config;
    instance& made = models_.load(*entry, as_asked ? s : settings_.engine, now + load_time(),
                                  settings_.load_seconds);
    if (as_asked) made.set = set;
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
    unload(id, now);
    std::string body_text;
    wire::json_writer{body_text, wire::json_writer::style::indented}
        .begin_object()
        .field("instance_id", id)
        .end_object();
    answer(to, 200, body_text);
}

void server::unload(const std::string& id, instant now) {
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
    std::erase_if(sdk_loads_, [&](const sdk_load& l) {
        if (l.instance_id != id) return false;
        l.to->on_load_failed(l.channel, "Model unloaded.");
        return true;
    });
    models_.unload(id);
}

}  // namespace lmstress::sim
