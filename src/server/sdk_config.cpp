#include "server/sdk_config.hpp"

#include "api/json_frame.hpp"
#include "api/sdk_fields.hpp"

#include <array>
#include <string>
#include <utility>

namespace lmstress::server {

namespace json = boost::json;

namespace {

struct spelling {
    std::string_view name;
    std::string_view key;  ///< below the scope of the model's kind
};

std::string_view scope_of(model_kind kind) {
    return kind == model_kind::embedding ? "embedding.load." : "llm.load.";
}

constexpr std::array spellings = {
    spelling{"context_length", "contextLength"},
    spelling{"parallel", "numParallelSessions"},
    spelling{"unified_kv", "useUnifiedKvCache"},
    spelling{"gpu", "llama.acceleration.offloadRatio"},
    spelling{"flash_attention", "llama.flashAttention"},
    spelling{"eval_batch_size", "llama.evalBatchSize"},
    spelling{"num_experts", "numExperts"},
    spelling{"offload_kv_cache_to_gpu", "offloadKVCacheToGpu"},
};

std::string_view below_scope(std::string_view key) {
    for (const model_kind kind : {model_kind::llm, model_kind::embedding}) {
        if (key.starts_with(scope_of(kind))) return key.substr(scope_of(kind).size());
    }
    return {};
}

json::string_view text(std::string_view s) {
    return {s.data(), s.size()};
}

}  // namespace

json::array fields_of(const json::object& settings, model_kind kind) {
    json::array fields;
    for (const spelling& s : spellings) {
        if (const json::value* v = settings.if_contains(text(s.name)))
            api::set_kv(fields, std::string{scope_of(kind)}.append(s.key), *v);
    }
    return fields;
}

json::object settings_in(const json::value& kv_config) {
    json::object out;
    const json::object* o = kv_config.if_object();
    const json::value* fields = o == nullptr ? nullptr : o->if_contains("fields");
    if (fields == nullptr || !fields->is_array()) return out;
    for (const spelling& s : spellings) {
        for (const json::value& v : fields->get_array()) {
            const json::object* field = v.if_object();
            if (field == nullptr || below_scope(api::string_at(*field, "key")) != s.key) continue;
            const json::value* value = field->if_contains("value");
            if (value == nullptr) continue;
            out[text(s.name)] = s.name == "gpu" ? gpu_ratio(*value) : *value;
        }
    }
    return out;
}

json::value gpu_ratio(const json::value& ratio) {
    json::error_code ec;
    const auto n = ratio.to_number<double>(ec);
    if (ec) return ratio;
    if (n == 0) return "off";
    if (n == 1) return "max";
    return n;
}

json::object load_config_stack(json::array fields) {
    json::object config;
    config["fields"] = std::move(fields);
    json::object layer;
    layer["layerName"] = "apiOverride";
    layer["config"] = std::move(config);
    json::array layers;
    layers.push_back(std::move(layer));
    json::object stack;
    stack["layers"] = std::move(layers);
    return stack;
}

}  // namespace lmstress::server
