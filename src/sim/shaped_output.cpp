#include "sim/shaped_output.hpp"

#include "sim/request_json.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

namespace lmstress::sim {

namespace json = boost::json;

namespace {

constexpr int deepest = 16;

const json::value* member(const json::value* of, std::string_view key) {
    if (of == nullptr || !of->is_object()) return nullptr;
    return of->get_object().if_contains(key);
}

std::string text_of(const json::value* v) {
    return v != nullptr && v->is_string() ? std::string{v->get_string()} : std::string{};
}

/// `type` may be a list of them, of which the first that is not null counts.
std::string type_of(const json::value& schema) {
    const json::value* type = member(&schema, "type");
    if (type != nullptr && type->is_array()) {
        for (const json::value& one : type->get_array()) {
            if (one.is_string() && one.get_string() != "null") return text_of(&one);
        }
    }
    const std::string named = text_of(type);
    return named.empty() && member(&schema, "properties") != nullptr ? "object" : named;
}

void write_document(wire::json_writer& w, const json::value& schema, int depth) {
    if (const json::value* constant = member(&schema, "const")) {
        w.raw(json::serialize(*constant));
        return;
    }
    const json::value* choices = member(&schema, "enum");
    if (choices != nullptr && choices->is_array() && !choices->get_array().empty()) {
        w.raw(json::serialize(choices->get_array().front()));
        return;
    }
    const std::string type = type_of(schema);
    if (type == "object" && depth < deepest) {
        w.begin_object();
        const json::value* properties = member(&schema, "properties");
        if (properties != nullptr && properties->is_object()) {
            for (const auto& [key, value] : properties->get_object()) {
                w.key(key);
                write_document(w, value, depth + 1);
            }
        }
        w.end_object();
    } else if (type == "array" && depth < deepest) {
        w.begin_array();
        if (const json::value* items = member(&schema, "items")) {
            write_document(w, *items, depth + 1);
        }
        w.end_array();
    } else if (type == "integer" || type == "number") {
        w.value(42);
    } else if (type == "boolean") {
        w.value(true);
    } else if (type == "string") {
        w.value("Here is a server");
    } else {
        w.null();
    }
}

/// A tool or a choice of one holds its members itself, or in `function`.
const json::value* inner(const json::value& tool) {
    const json::value* function = member(&tool, "function");
    return function != nullptr ? function : &tool;
}

/// The tool of that name, or the first where it is empty.
const json::value* find_tool(const json::value* tools, std::string_view name) {
    if (tools == nullptr || !tools->is_array()) return nullptr;
    for (const json::value& tool : tools->get_array()) {
        const std::string its_name = text_of(member(inner(tool), "name"));
        if (!its_name.empty() && (name.empty() || its_name == name)) return inner(tool);
    }
    return nullptr;
}

shaped_output call_of(const json::value& tool) {
    const json::value* schema = member(&tool, "parameters");
    if (schema == nullptr) schema = member(&tool, "input_schema");
    const std::string document = schema != nullptr ? document_of(*schema) : "{}";
    return {.tool = text_of(member(&tool, "name")), .pieces = pieces_of(document)};
}

}  // namespace

std::string document_of(const json::value& schema) {
    std::string out;
    wire::json_writer w{out};
    write_document(w, schema, 0);
    return out;
}

std::vector<std::string> pieces_of(std::string_view text) {
    constexpr std::size_t letters = 5;
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    std::vector<std::string> out;
    while (!text.empty()) {
        std::size_t n = std::min(letters, text.size());
        while (n < text.size() && continues(text[n])) ++n;  // a letter is not cut in two
        out.emplace_back(text.substr(0, n));
        text.remove_prefix(n);
    }
    return out;
}

shaped_output wanted_output(const json::object& request) {
    if (const json::value* choice = request.if_contains("tool_choice")) {
        const bool words = choice->is_string();
        const std::string kind = words ? text_of(choice) : text_of(member(choice, "type"));
        const bool known = kind == "none" || kind == "auto" || kind == "required" ||
                           (!words && (kind == "any" || kind == "tool" || kind == "function"));
        if (!known) {
            return {.refused = fmt::format("Invalid tool_choice value: '{}'. Supported values: "
                                           "none, auto, required",
                                           kind),
                    .wrong = "tool_choice"};
        }
        if (kind != "none" && kind != "auto") {
            const std::string name = text_of(member(inner(*choice), "name"));
            const json::value* tool = find_tool(request.if_contains("tools"), name);
            if (tool != nullptr) return call_of(*tool);
            return {.refused = name.empty() ? "tool_choice wants a tool, and tools holds none"
                                            : fmt::format("Tool '{}' not found in tools", name),
                    .wrong = "tool_choice"};
        }
    }
    const json::value* format = request.if_contains("response_format");
    if (format != nullptr) {
        const std::string type = text_of(member(format, "type"));
        if (type != "json_schema" && type != "text") {
            return {.refused = "'response_format.type' must be 'json_schema' or 'text'",
                    .wrong = "response_format"};
        }
    }
    const json::value* schema = member(member(format, "json_schema"), "schema");
    if (const json::value* text = request.if_contains("text")) {
        schema = member(member(text, "format"), "schema");  // of a response
    }
    if (schema == nullptr) return {};
    return {.pieces = pieces_of(document_of(*schema))};
}

}  // namespace lmstress::sim
