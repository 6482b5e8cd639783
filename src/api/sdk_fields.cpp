#include "api/sdk_fields.hpp"

#include "api/json_frame.hpp"

#include <boost/json/string.hpp>

#include <array>
#include <charconv>
#include <cstdint>

namespace lmstress::api {
namespace {

namespace json = boost::json;

json::string_view text(std::string_view s) {
    return {s.data(), s.size()};
}

json::value as_it_is(const json::value& v) {
    return v;
}

/// A number that may be switched off.
json::value checked(const json::value& v) {
    return json::object{{"checked", true}, {"value", v}};
}

/// -1 is no limit.
json::value limit(const json::value& v) {
    if (v.is_int64() && v.get_int64() < 0) return json::object{{"checked", false}, {"value", 1}};
    return checked(v);
}

json::value list_of_texts(const json::value& v) {
    return v.is_array() ? v : json::value(json::array{v});
}

/// {"5": -1} is [[5, -1]]. What is no number stays a text, for the server to refuse.
json::value pairs(const json::value& v) {
    json::array out;
    for (const auto& [name, bias] : v.get_object()) {
        std::int64_t token = 0;
        const char* end = name.data() + name.size();
        const auto [rest, ec] = std::from_chars(name.data(), end, token);
        const bool whole = ec == std::errc{} && rest == end;
        out.push_back(json::array{whole ? json::value(token) : json::value(name), bias});
    }
    return out;
}

json::value tool_array(const json::value& v) {
    return json::object{{"type", "toolArray"}, {"tools", v}};
}

json::value generic_choice(const json::value& v) {
    return json::object{{"type", "generic"}, {"mode", v}};
}

/// OpenAI's response_format.
json::value structured(const json::value& v) {
    const json::object& format = v.get_object();
    if (string_at(format, "type") == "text") return json::object{{"type", "none"}};
    json::object out{{"type", "json"}};
    const json::object* inner = object_at(format, "json_schema");
    const json::value* schema = inner == nullptr ? nullptr : inner->if_contains("schema");
    if (schema != nullptr) out["jsonSchema"] = *schema;
    return out;
}

json::value thinks(const json::value& v) {
    return v.get_string() == "on";
}

struct row {
    std::string_view name;
    std::string_view key;  ///< below llm.prediction
    json::value (*written)(const json::value& v);
};

constexpr std::array rows = {
    row{"temperature", "temperature", as_it_is},
    row{"top_p", "topPSampling", checked},
    row{"top_k", "topKSampling", as_it_is},
    row{"min_p", "minPSampling", checked},
    row{"repeat_penalty", "repeatPenalty", checked},
    row{"presence_penalty", "llama.presencePenalty", checked},
    row{"frequency_penalty", "llama.frequencyPenalty", checked},
    row{"logit_bias", "llama.logitBias", pairs},
    row{"max_tokens", "maxPredictedTokens", limit},
    row{"max_output_tokens", "maxPredictedTokens", checked},
    row{"stop", "stopStrings", list_of_texts},
    row{"seed", "seed", checked},
    row{"draft_model", "speculativeDecoding.draftModel", as_it_is},
    row{"tools", "tools", tool_array},
    row{"tool_choice", "toolChoice", generic_choice},
    row{"response_format", "structured", structured},
    row{"reasoning", "reasoning.enableThinking", thinks},
    row{"reasoningBudget", "reasoning.budgetTokens", checked},
    row{"contextOverflowPolicy", "contextOverflowPolicy", as_it_is},
};

/// The fields of the layer that lmstudio_sdk_body() made.
json::array& fields_in(json::object& body) {
    json::value& layer = body.at("predictionConfigStack").at("layers").as_array().front();
    return layer.at("config").at("fields").as_array();
}

}  // namespace

void set_kv(json::array& config, std::string_view key, const json::value& value) {
    for (json::value& v : config) {
        json::object* field = v.if_object();
        if (field == nullptr || string_at(*field, "key") != key) continue;
        (*field)["value"] = value;
        return;
    }
    json::object field;
    field["key"] = text(key);
    field["value"] = value;
    config.push_back(std::move(field));
}

void set_sdk_field(json::object& body, std::string_view name, const json::value& value) {
    for (const row& r : rows) {
        if (r.name != name) continue;
        return set_kv(fields_in(body), std::string{"llm.prediction."}.append(r.key),
                      r.written(value));
    }
    // The rest is no setting of the prediction itself.
    body[name == "preset" ? "fuzzyPresetIdentifier" : text(name)] = value;
}

}  // namespace lmstress::api
