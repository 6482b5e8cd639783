#include "sim/response_echo.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <string_view>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

json::value member(const json::object& o, std::string_view key, const json::value& otherwise) {
    const json::value* found = o.if_contains(key);
    return found == nullptr ? otherwise : *found;
}

json::value inner(const json::object& o, std::string_view outer, std::string_view key,
                  const json::value& otherwise) {
    const json::value* found = o.if_contains(outer);
    if (found == nullptr || !found->is_object()) return otherwise;
    return member(found->get_object(), key, otherwise);
}

json::value tools_of(const json::object& asked) {
    json::value tools = member(asked, "tools", json::array{});
    if (!tools.is_array()) return tools;
    for (json::value& tool : tools.get_array()) {
        if (!tool.is_object()) continue;
        for (const char* secret : {"headers", "authorization", "server_url"}) {
            tool.get_object().erase(secret);
        }
    }
    return tools;
}

}  // namespace

/// The members that LM Studio 0.4.25 has, and its own values where a request says nothing.
std::string response_echo(const json::object& asked) {
    std::string object;
    wire::json_writer w{object};
    const auto field = [&](std::string_view key, const json::value& value) {
        w.key(key).raw(wire::json_text(value));
    };
    w.begin_object();
    field("instructions", member(asked, "instructions", nullptr));
    field("tools", tools_of(asked));
    field("tool_choice", member(asked, "tool_choice", "auto"));
    w.field("truncation", "auto").field("parallel_tool_calls", true);
    w.key("text").begin_object();
    field("format", inner(asked, "text", "format", json::object{{"type", "text"}}));
    w.end_object();
    field("top_p", member(asked, "top_p", false));
    w.field("presence_penalty", 0).field("frequency_penalty", 1.1).field("top_logprobs", 0);
    field("temperature", member(asked, "temperature", 0.8));
    w.key("reasoning").begin_object();
    field("summary", inner(asked, "reasoning", "summary", nullptr));
    field("effort", inner(asked, "reasoning", "effort", nullptr));
    w.end_object();
    field("max_output_tokens", member(asked, "max_output_tokens", nullptr));
    field("max_tool_calls", nullptr);
    w.field("background", false).field("service_tier", "default");
    field("metadata", member(asked, "metadata", json::object{}));
    field("safety_identifier", nullptr);
    field("prompt_cache_key", nullptr);
    w.end_object();
    return ',' + object.substr(1, object.size() - 2);
}

}  // namespace lmstress::sim
