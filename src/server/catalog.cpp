#include "server/catalog.hpp"

#include "api/json_frame.hpp"
#include "server/model_list.hpp"
#include "wire/json_value.hpp"
#include "wire/letters.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::server {

namespace json = boost::json;

namespace {

const json::array* array_at(const json::object& o, std::string_view name) {
    const json::value* v = o.if_contains(name);
    return v == nullptr ? nullptr : v->if_array();
}

std::optional<bool> truth_at(const json::object& o, std::string_view name) {
    const json::value* v = o.if_contains(name);
    return v != nullptr && v->is_bool() ? std::optional{v->get_bool()} : std::nullopt;
}

std::string text_at(const json::object& o, std::string_view name) {
    return std::string{api::string_at(o, name)};
}

std::vector<std::string> texts_at(const json::object& o, std::string_view name) {
    std::vector<std::string> out;
    if (const json::array* all = array_at(o, name)) {
        for (const json::value& v : *all) {
            if (v.is_string()) out.emplace_back(std::string_view{v.get_string()});
        }
    }
    return out;
}

void read_capabilities(const json::object& o, catalog_entry& m) {
    const json::object* can = api::object_at(o, "capabilities");
    if (can == nullptr) return;
    m.vision = truth_at(*can, "vision");
    m.tool_use = truth_at(*can, "trained_for_tool_use");
    if (const json::object* reasoning = api::object_at(*can, "reasoning")) {
        m.reasoning = texts_at(*reasoning, "allowed_options");
        m.reasoning_default = text_at(*reasoning, "default");
    }
}

catalog_entry native_entry(const json::object& o) {
    catalog_entry m{.key = text_at(o, "key"),
                    .type = text_at(o, "type"),
                    .display_name = text_at(o, "display_name"),
                    .publisher = text_at(o, "publisher"),
                    .architecture = text_at(o, "architecture"),
                    .format = text_at(o, "format"),
                    .params = text_at(o, "params_string"),
                    .description = text_at(o, "description"),
                    .size_bytes = api::count_at(o, "size_bytes"),
                    .max_context_length = api::count_at(o, "max_context_length"),
                    .variants = texts_at(o, "variants"),
                    .selected_variant = text_at(o, "selected_variant")};
    if (const json::object* q = api::object_at(o, "quantization")) {
        m.quantization = text_at(*q, "name");
    }
    read_capabilities(o, m);
    const json::array* loaded = array_at(o, "loaded_instances");
    if (loaded == nullptr) return m;
    for (const json::value& v : *loaded) {
        const json::object* instance = v.if_object();
        if (instance == nullptr || text_at(*instance, "id").empty()) continue;
        const json::object* config = api::object_at(*instance, "config");
        m.instances.push_back(
            {text_at(*instance, "id"), config != nullptr ? *config : json::object{}});
    }
    return m;
}

catalog_entry entry_of_v0(const json::object& o) {
    const std::string type = text_at(o, "type");
    catalog_entry m{.key = text_at(o, "id"),
                    .type = type == "embeddings" ? "embedding" : "llm",
                    .publisher = text_at(o, "publisher"),
                    .architecture = text_at(o, "arch"),
                    .format = text_at(o, "compatibility_type"),
                    .quantization = text_at(o, "quantization"),
                    .max_context_length = api::count_at(o, "max_context_length")};
    if (m.type == "llm") m.vision = type == "vlm";
    // Told since 0.3.16, and only of models that can.
    const auto can = texts_at(o, "capabilities");
    if (std::find(can.begin(), can.end(), "tool_use") != can.end()) m.tool_use = true;
    if (api::string_at(o, "state") == "loaded") {
        m.instances.push_back({m.key, {}});
        if (const json::value* length = o.if_contains("loaded_context_length")) {
            m.instances.back().config["context_length"] = *length;
        }
    }
    return m;
}

std::optional<std::vector<catalog_entry>> list_of(const http_answer& answer, std::string_view name,
                                                  catalog_entry (*read)(const json::object&)) {
    const auto o = object_of(answer);
    const json::array* list = o ? array_at(*o, name) : nullptr;
    if (list == nullptr) return std::nullopt;
    std::vector<catalog_entry> out;
    for (const json::value& v : *list) {
        if (const json::object* entry = v.if_object()) out.push_back(read(*entry));
    }
    return out;
}

/// A number, or a share in LM Studio's words for none and all of it.
std::optional<double> number_of(const json::value& v) {
    if (v.is_number()) return v.to_number<double>();
    if (v == "off") return 0;
    if (v == "max") return 1;
    return std::nullopt;
}

/// Numbers are the same however they are written: 8, 8.0; 1, "max".
bool same(const json::value& a, const json::value& b) {
    const auto one = number_of(a);
    const auto other = number_of(b);
    return (one && other && *one == *other) || a == b;
}

}  // namespace

std::optional<std::vector<catalog_entry>> native_catalog(const http_answer& answer) {
    return list_of(answer, "models", native_entry);
}

std::optional<std::vector<catalog_entry>> v0_catalog(const http_answer& answer) {
    return list_of(answer, "data", entry_of_v0);
}

std::optional<catalog_entry> v0_entry(const http_answer& answer) {
    const auto o = object_of(answer);
    if (!o || api::string_at(*o, "id").empty()) return std::nullopt;
    return entry_of_v0(*o);
}

const catalog_entry* find_entry(const std::vector<catalog_entry>& models, std::string_view name) {
    const auto same_name = [&](std::string_view other) { return wire::same_letters(name, other); };
    for (const catalog_entry& m : models) {
        const auto is_instance = [&](const model_instance& i) { return same_name(i.id); };
        if (same_name(m.key) || std::any_of(m.variants.begin(), m.variants.end(), same_name) ||
            std::any_of(m.instances.begin(), m.instances.end(), is_instance)) {
            return &m;
        }
    }
    return nullptr;
}

std::vector<std::string> differences(const json::object& asked, const json::object& in_force) {
    std::vector<std::string> out;
    for (const auto& member : asked) {
        const std::string_view name = member.key();
        const json::value* there = in_force.if_contains(name);
        if (there == nullptr || same(member.value(), *there)) continue;
        out.push_back(fmt::format("{} is {}, not {}", name, wire::json_text(*there),
                                  wire::json_text(member.value())));
    }
    return out;
}

std::vector<std::string> untold(const json::object& asked, const json::object& in_force) {
    std::vector<std::string> out;
    for (const auto& member : asked) {
        if (!in_force.contains(member.key())) out.emplace_back(std::string_view{member.key()});
    }
    return out;
}

std::string path_part(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') ||
                           (wire::lower(c) >= 'a' && wire::lower(c) <= 'z') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

}  // namespace lmstress::server
