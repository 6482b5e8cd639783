#include "workload/integration.hpp"

#include <boost/json/value.hpp>

#include <algorithm>

namespace lmstress::workload {
namespace {

namespace json = boost::json;

bool is_text(const json::value* v) {
    return v != nullptr && v->is_string() && !v->get_string().empty();
}

bool are_texts(const json::value& v) {
    if (v.is_array()) return std::all_of(v.get_array().begin(), v.get_array().end(), are_texts);
    if (!v.is_object()) return v.is_string();
    return std::all_of(v.get_object().begin(), v.get_object().end(),
                       [](const auto& member) { return member.value().is_string(); });
}

bool has_only(const json::object& o, std::initializer_list<std::string_view> known) {
    return std::all_of(o.begin(), o.end(), [&](const auto& member) {
        return std::find(known.begin(), known.end(), std::string_view{member.key()}) != known.end();
    });
}

}  // namespace

bool is_integration(const json::value& v) {
    if (v.is_string()) return is_text(&v);
    if (!v.is_object()) return false;
    const json::object& o = v.get_object();
    const json::value* type = o.if_contains("type");
    if (!is_text(type)) return false;
    const json::value* tools = o.if_contains("allowed_tools");
    if (tools != nullptr && !(tools->is_array() && are_texts(*tools))) return false;
    if (type->get_string() == "plugin") {
        return is_text(o.if_contains("id")) && has_only(o, {"type", "id", "allowed_tools"});
    }
    const json::value* headers = o.if_contains("headers");
    if (headers != nullptr && !(headers->is_object() && are_texts(*headers))) return false;
    return type->get_string() == "ephemeral_mcp" && is_text(o.if_contains("server_label")) &&
           is_text(o.if_contains("server_url")) &&
           has_only(o, {"type", "server_label", "server_url", "allowed_tools", "headers"});
}

}  // namespace lmstress::workload
