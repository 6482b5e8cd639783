#include "sim/request_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

bool is_share(const json::value& v) {
    return v.is_number() && v.to_number<double>() >= 0 && v.to_number<double>() <= 1;
}
bool is_flag(const json::value& v) {
    return v.is_bool();
}
bool is_text(const json::value& v) {
    return v.is_string();
}
bool is_input(const json::value& v) {
    return v.is_string() || v.is_array();
}
bool is_list(const json::value& v) {
    return v.is_array();
}
bool is_whole(const json::value& v) {
    return v.is_int64() && v.get_int64() >= 0;
}
bool is_positive(const json::value& v) {
    return v.is_number() && v.to_number<double>() > 0;
}
bool is_reasoning(const json::value& v) {
    constexpr std::array<std::string_view, 5> levels = {"off", "low", "medium", "high", "on"};
    return v.is_string() && std::find(levels.begin(), levels.end(),
                                      std::string_view{v.get_string()}) != levels.end();
}

struct rule {
    std::string_view key;
    bool (*holds)(const json::value& v);
    std::string_view must_be;
};

// https://lmstudio.ai/docs/developer/rest/chat
constexpr std::array rules = {
    rule{"model", is_text, "a string"},
    rule{"input", is_input, "a string or an array"},
    rule{"system_prompt", is_text, "a string"},
    rule{"integrations", is_list, "an array"},
    rule{"stream", is_flag, "true or false"},
    rule{"temperature", is_share, "a number from 0 to 1"},
    rule{"top_p", is_share, "a number from 0 to 1"},
    rule{"min_p", is_share, "a number from 0 to 1"},
    rule{"top_k", is_whole, "a whole number"},
    rule{"repeat_penalty", is_positive, "a number above 0"},
    rule{"reasoning", is_reasoning, "one of off, low, medium, high, on"},
    rule{"context_length", is_positive, "a whole number from 1"},
    rule{"store", is_flag, "true or false"},
    rule{"previous_response_id", is_text, "a string"},
};

}  // namespace

bool refuse_bad_values(const json::object& o, reply& to) {
    for (const rule& r : rules) {
        const json::value* v = o.if_contains(r.key);
        if (v == nullptr || r.holds(*v)) continue;
        native_error(to, 400, "invalid_request", fmt::format("{} must be {}", r.key, r.must_be),
                     "invalid_value", r.key);
        return true;
    }
    return false;
}

/// The documentation's table names the type "message", but the server was seen to refuse it, and
/// any `role` (ollama-lmstudio-proxy, commit b77ca24).
bool refuse_bad_input(const json::value& input, reply& to) {
    const json::array* items = input.if_array();
    if (items == nullptr) return false;
    for (const json::value& item : *items) {
        const json::object* o = item.if_object();
        const std::string type = o != nullptr ? string_in(*o, "type") : "";
        if (type != "text" && type != "image") {
            native_error(to, 400, "invalid_request",
                         "Invalid discriminator value. Expected 'text' | 'image'", "invalid_value",
                         "input");
            return true;
        }
        const std::array<std::string_view, 2> known = {"type",
                                                       type == "text" ? "content" : "data_url"};
        if (refuse_unknown_keys(*o, known, to)) return true;
        const json::value* said = o->if_contains(known[1]);
        if (said != nullptr && said->is_string()) continue;
        native_error(to, 400, "invalid_request", fmt::format("\"{}\" is required", known[1]),
                     "missing_required_parameter", "input");
        return true;
    }
    return false;
}

}  // namespace lmstress::sim
