#include "sim/server_tools.hpp"

#include "sim/request_json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace lmstress::sim {
namespace {

namespace json = boost::json;

/// The first that is allowed; where all are, one that any server might have.
std::string first_tool(const json::object& from) {
    const json::value* allowed = from.if_contains("allowed_tools");
    if (allowed != nullptr && allowed->is_array() && !allowed->get_array().empty()) {
        const json::value& first = allowed->get_array().front();
        if (first.is_string()) return std::string{first.get_string()};
    }
    return "search";
}

const json::value* first_of(const json::object& request, std::string_view key) {
    const json::value* all = request.if_contains(key);
    const bool any = all != nullptr && all->is_array() && !all->get_array().empty();
    return any ? &all->get_array().front() : nullptr;
}

}  // namespace

tool_run tool_of_integrations(const json::object& request) {
    const json::value* first = first_of(request, "integrations");
    if (first == nullptr) return {};
    if (first->is_string()) return {"search", std::string{first->get_string()}, true};
    if (!first->is_object()) return {};
    const json::object& o = first->get_object();
    const bool plugin = string_in(o, "type") == "plugin";
    return {first_tool(o), string_in(o, plugin ? "id" : "server_label"), plugin};
}

tool_run tool_of_mcp(const json::object& request) {
    const json::value* first = first_of(request, "tools");
    if (first == nullptr || !first->is_object()) return {};
    const json::object& o = first->get_object();
    if (string_in(o, "type") != "mcp") return {};
    return {first_tool(o), string_in(o, "server_label"), false};
}

}  // namespace lmstress::sim
