#include "sim/sdk_config.hpp"

#include "sim/generation.hpp"
#include "sim/request_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <functional>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

bool take_count(const json::value& v, std::uint64_t most, std::uint64_t& into) {
    json::error_code ec;
    const auto n = v.to_number<std::uint64_t>(ec);
    if (ec || n < 1 || n > most) return false;
    into = n;
    return true;
}

bool take_bool(const json::value& v, bool& into) {
    if (v.is_bool()) into = v.get_bool();
    return v.is_bool();
}

/// "off", "max", or a number between.
bool take_ratio(const json::value& v, double& into) {
    if (v == "off" || v == "max") {
        into = v == "max" ? 1 : 0;
        return true;
    }
    json::error_code ec;
    const auto n = v.to_number<double>(ec);
    if (ec || n < 0 || n > 1) return false;
    into = n;
    return true;
}

/// False where the value of a key that is known makes no sense.
bool take_load_field(std::string_view key, const json::value& value, load_settings& s) {
    if (key == "llm.load.contextLength" || key == "embedding.load.contextLength") {
        return take_count(value, 1U << 30U, s.engine.context_length);
    }
    if (key == "llm.load.numParallelSessions") {
        std::uint64_t parallel = s.engine.parallel;
        const bool good = take_count(value, 1023, parallel);
        s.engine.parallel = static_cast<std::uint32_t>(parallel);
        return good;
    }
    if (key == "llm.load.useUnifiedKvCache") return take_bool(value, s.engine.unified_kv);
    if (key == "llm.load.llama.acceleration.offloadRatio") return take_ratio(value, s.set.gpu);
    if (key == "llm.load.llama.flashAttention") return take_bool(value, s.set.flash_attention);
    if (key == "llm.load.offloadKVCacheToGpu") return take_bool(value, s.set.offload_kv_cache);
    if (key == "llm.load.llama.evalBatchSize") {
        return take_count(value, 1U << 30U, s.engine.prefill_chunk);
    }
    if (key == "llm.load.numExperts" && s.set.experts > 0) {
        return take_count(value, 1024, s.set.experts);
    }
    return true;
}

/// Calls `take` with each key of a stack, the layers in their order; the first key that it does not
/// want with that value.
std::optional<std::string> for_each_field(
    const json::object& stack,
    const std::function<bool(std::string_view, const json::value&)>& take) {
    static const json::array none;
    const auto list_in = [](const json::object& o, std::string_view key) -> const json::array& {
        const json::value* v = o.if_contains(key);
        return v != nullptr && v->is_array() ? v->get_array() : none;
    };
    for (const json::value& layer : list_in(stack, "layers")) {
        if (!layer.is_object()) continue;
        for (const json::value& v : list_in(object_in(layer.get_object(), "config"), "fields")) {
            const json::object* field = v.if_object();
            const json::value* value = field == nullptr ? nullptr : field->if_contains("value");
            if (value == nullptr) continue;
            const std::string key = string_in(*field, "key");
            if (!take(key, *value)) return key;
        }
    }
    return std::nullopt;
}

bool is_number(const json::value& v) {
    return v.is_number();
}
bool is_text(const json::value& v) {
    return v.is_string();
}
bool is_flag(const json::value& v) {
    return v.is_bool();
}
bool is_object(const json::value& v) {
    return v.is_object();
}
bool is_list(const json::value& v) {
    return v.is_array();
}
/// A number that may be switched off.
bool is_checkbox(const json::value& v) {
    const json::object* o = v.if_object();
    if (o == nullptr) return false;
    const json::value* checked = o->if_contains("checked");
    const json::value* value = o->if_contains("value");
    return checked != nullptr && checked->is_bool() && value != nullptr && value->is_number();
}

struct key_form {
    std::string_view key;  // below llm.prediction
    bool (*fits)(const json::value& v);
};

constexpr std::array prediction_keys = {
    key_form{"temperature", is_number},
    key_form{"contextOverflowPolicy", is_text},
    key_form{"maxPredictedTokens", is_checkbox},
    key_form{"stopStrings", is_list},
    key_form{"structured", is_object},
    key_form{"speculativeDecoding.draftModel", is_text},
    key_form{"tools", is_object},
    key_form{"toolChoice", is_object},
    key_form{"seed", is_checkbox},
    key_form{"topKSampling", is_number},
    key_form{"topPSampling", is_checkbox},
    key_form{"minPSampling", is_checkbox},
    key_form{"repeatPenalty", is_checkbox},
    key_form{"reasoning.enableThinking", is_flag},
    key_form{"reasoning.budgetTokens", is_checkbox},
    key_form{"llama.presencePenalty", is_checkbox},
    key_form{"llama.frequencyPenalty", is_checkbox},
    key_form{"llama.logitBias", is_list},
};

/// Tools, their choice and a schema as OpenAI's routes have them.
void take_shape(std::string_view key, const json::object& value, json::object& as_openai) {
    const json::value* schema = value.if_contains("jsonSchema");
    if (key == "tools" && value.contains("tools")) as_openai["tools"] = value.at("tools");
    if (key == "toolChoice" && value.contains("mode")) as_openai["tool_choice"] = value.at("mode");
    if (key == "structured" && schema != nullptr) {
        json::object format{{"type", "json_schema"}};
        format["json_schema"] = json::object{{"schema", *schema}};
        as_openai["response_format"] = std::move(format);
    }
}

/// False where the value makes no sense.
bool take_prediction_field(std::string_view key, const json::value& value, prediction_settings& s,
                           json::object& as_openai) {
    constexpr std::string_view scope = "llm.prediction.";
    if (!key.starts_with(scope)) return true;
    key.remove_prefix(scope.size());
    const auto form = std::find_if(prediction_keys.begin(), prediction_keys.end(),
                                   [&](const key_form& f) { return f.key == key; });
    if (form != prediction_keys.end() && !form->fits(value)) return false;
    if (key == "maxPredictedTokens") {
        const bool limited = value.at("checked").as_bool();
        s.most_tokens = no_limit;
        return !limited || take_count(value.at("value"), no_limit, s.most_tokens);
    }
    if (key == "speculativeDecoding.draftModel")
        s.draft_model = std::string_view{value.get_string()};
    if (key == "reasoning.enableThinking") s.thinks = value.get_bool();
    if (const json::object* o = value.if_object()) take_shape(key, *o, as_openai);
    return true;
}

}  // namespace

std::uint64_t count_in(const json::object& o, std::string_view key) {
    const json::value* v = o.if_contains(key);
    if (v == nullptr) return 0;
    json::error_code ec;
    const auto n = v->to_number<std::uint64_t>(ec);
    return ec ? 0 : n;
}

const json::object& object_in(const json::object& o, std::string_view key) {
    static const json::object none;
    const json::value* v = o.if_contains(key);
    return v != nullptr && v->is_object() ? v->get_object() : none;
}

std::string identifier_of(const json::object& parameter, std::string_view key) {
    const json::object& s = object_in(parameter, key);
    if (string_in(s, "type") == "instanceReference") return string_in(s, "instanceReference");
    return string_in(object_in(s, "query"), "identifier");
}

std::optional<std::string> take_load_stack(const json::object& stack, load_settings& s) {
    return for_each_field(stack, [&](std::string_view key, const json::value& value) {
        return take_load_field(key, value, s);
    });
}

std::optional<std::string> take_prediction_stack(const json::object& stack,
                                                 prediction_settings& s) {
    json::object as_openai;
    auto bad = for_each_field(stack, [&](std::string_view key, const json::value& value) {
        return take_prediction_field(key, value, s, as_openai);
    });
    if (!bad) s.shape = wanted_output(as_openai);
    if (!s.shape.refused.empty()) bad = s.shape.refused;
    return bad;
}

}  // namespace lmstress::sim
