// The routes that tell which models there are: the native one, OpenAI's, and those of REST v0.

#include "sim/request_json.hpp"
#include "sim/server.hpp"
#include "wire/json_writer.hpp"
#include "wire/letters.hpp"

#include <algorithm>
#include <charconv>

namespace lmstress::sim {

namespace {

/// A key holds a slash, which a client writes as %2F in the place of one part of a path.
std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
            out += static_cast<char>(code);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

void write_capabilities(wire::json_writer& w, const model_entry& m) {
    w.key("capabilities").begin_object().field("vision", m.vision);
    w.field("trained_for_tool_use", m.tool_use);
    if (m.reasoning) {
        w.key("reasoning").begin_object().key("allowed_options").begin_array();
        w.value("low").value("medium").value("high").end_array();
        w.field("default", "low").end_object();
    }
    w.end_object().field("description", std::optional<int>{});
    std::string quantization;
    for (const char c : m.quantization) quantization += wire::lower(c);
    w.key("variants").begin_array().value(m.key + '@' + quantization).end_array();
    w.field("selected_variant", m.key + '@' + quantization);
}

/// As REST v0 has it: an instance, or where there is none a model.
void write_v0(wire::json_writer& w, const model_entry& m, const instance* in_memory) {
    w.begin_object().field("id", in_memory != nullptr ? in_memory->id : m.key);
    w.field("object", "model");
    w.field("type", m.embedding ? "embeddings" : m.vision ? "vlm" : "llm");
    w.field("publisher", m.publisher).field("arch", m.architecture);
    w.field("compatibility_type", "gguf").field("quantization", m.quantization);
    w.field("state", in_memory != nullptr ? "loaded" : "not-loaded");
    w.field("max_context_length", m.max_context_length);
    if (in_memory != nullptr) {
        w.field("loaded_context_length", in_memory->runs.settings().context_length);
    }
    if (m.tool_use) w.key("capabilities").begin_array().value("tool_use").end_array();
    w.end_object();
}

}  // namespace

bool server::answer_list(const std::string& route, reply& to) {
    constexpr std::string_view one_of_v0 = "GET /api/v0/models/";
    if (route == "GET /v1/models") {
        list_openai_models(to);
    } else if (route == "GET /api/v0/models") {
        list_v0_models(to);
    } else if (route.starts_with(one_of_v0)) {
        show_v0_model(std::string_view{route}.substr(one_of_v0.size()), to);
    } else if (route == "GET /lmstudio-greeting") {
        answer(to, 200, R"({"lmstudio":true})");
    } else {
        return false;
    }
    return true;
}

void server::list_native_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("models").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        w.begin_object().field("type", m.embedding ? "embedding" : "llm");
        w.field("publisher", m.publisher).field("key", m.key);
        w.field("display_name", m.display_name);
        if (!m.embedding) w.field("architecture", m.architecture);
        w.key("quantization").begin_object().field("name", m.quantization);
        w.field("bits_per_weight", 4).end_object().field("size_bytes", m.size_bytes);
        w.key("params_string");
        if (m.embedding) {
            w.null();
        } else {
            w.value(m.params);
        }
        w.key("loaded_instances").begin_array();
        for (const instance& i : models_.instances()) {
            if (i.key != m.key) continue;
            w.begin_object().field("id", i.id).key("config").raw(load_config(i)).end_object();
        }
        w.end_array().field("max_context_length", m.max_context_length).field("format", "gguf");
        if (!m.embedding) write_capabilities(w, m);
        w.end_object();
    }
    w.end_array().end_object();
    answer(to, 200, body);
}

void server::list_openai_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("data").begin_array();
    const auto& loaded = models_.instances();
    for (const model_entry& m : models_.on_disk()) {
        // Those that a request could have loaded are there too.
        const bool there =
            settings_.jit || std::any_of(loaded.begin(), loaded.end(),
                                         [&](const instance& i) { return i.key == m.key; });
        if (!there) continue;
        w.begin_object().field("id", m.key).field("object", "model");
        w.field("owned_by", "organization_owner").end_object();
    }
    w.end_array().field("object", "list").end_object();
    answer(to, 200, body);
}

void server::list_v0_models(reply& to) {
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    w.begin_object().key("data").begin_array();
    for (const model_entry& m : models_.on_disk()) {
        bool in_memory = false;
        for (const instance& i : models_.instances()) {
            if (i.key != m.key) continue;
            write_v0(w, m, &i);
            in_memory = true;
        }
        if (!in_memory) write_v0(w, m, nullptr);
    }
    w.end_array().field("object", "list").end_object();
    answer(to, 200, body);
}

void server::show_v0_model(std::string_view name, reply& to) {
    const std::string id = unescaped(name);
    const instance* in_memory = models_.find_instance(id);
    const model_entry* entry = models_.find(in_memory != nullptr ? in_memory->key : id);
    if (entry == nullptr) {
        std::string text;
        wire::append_json_string(text, "Model " + id + " not found");
        return answer(to, 404, "{\"error\":" + text + "}");
    }
    std::string body;
    wire::json_writer w{body, wire::json_writer::style::indented};
    write_v0(w, *entry, in_memory);
    answer(to, 200, body);
}

}  // namespace lmstress::sim
