#include "api/request_fields.hpp"
#include "wire/json_writer.hpp"
#include "workload/lmstudio_block.hpp"
#include "workload/scenario_fields.hpp"
#include "workload/scenario_json.hpp"

#include <algorithm>
#include <set>

namespace lmstress::workload {
namespace {

using wire::json_writer;

void write_field(json_writer& w, const scenario_field& f) {
    static const scenario defaults;
    std::string value;
    json_writer value_writer{value};
    const bool has_default = f.write(defaults, value_writer);
    w.begin_object().field("description", f.text);
    if (f.rule.types == wire::value_rule::object) {
        w.field("type", "object").key("additionalProperties").begin_object();
        w.field("type", "string").end_object();
    } else {
        wire::write_schema(w, f.rule);
    }
    if (has_default) w.key("default").raw(value);
    w.end_object();
}

/// A name that several APIs have, each with a rule of its own.
void write_request_field(json_writer& w, std::string_view name) {
    const auto all = api::request_fields();
    std::string text;
    for (const api::request_field& f : all) {
        if (f.name != name) continue;
        text += (text.empty() ? "" : "; ") + f.apis.joined() + ": " + std::string{f.text};
    }
    w.begin_object().field("description", text).key("anyOf").begin_array();
    for (const api::request_field& f : all) {
        if (f.name != name) continue;
        w.begin_object();
        wire::write_schema(w, f.rule);
        w.end_object();
    }
    w.end_array().end_object();
}

void write_request(json_writer& w) {
    std::set<std::string_view> done;
    for (const api::request_field& f : api::request_fields()) {
        if (!done.insert(f.name).second) continue;
        w.key(f.name);
        write_request_field(w, f.name);
    }
    w.key("extra").begin_object().field("type", "object");
    w.field("description",
            "anything else for the request's body, unchecked and merged last (RFC 7396: null "
            "removes a field)");
    w.end_object();
}

/// Of fields that take each other's place at most one.
void write_exclusions(json_writer& w, const std::string& prefix) {
    std::string all;
    json_writer exclusions{all};
    exclusions.begin_array();
    bool any = false;
    const auto fields = scenario_fields();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        for (std::size_t j = i + 1; j < fields.size(); ++j) {
            const bool here = fields[i].pointer.starts_with(prefix);
            if (!here || fields[i].instead.empty() || fields[i].instead != fields[j].instead)
                continue;
            any = true;
            exclusions.begin_object().key("not").begin_object().key("required").begin_array();
            exclusions.value(fields[i].pointer.substr(prefix.size()));
            exclusions.value(fields[j].pointer.substr(prefix.size())).end_array().end_object();
            exclusions.end_object();
        }
    }
    exclusions.end_array();
    if (any) w.key("allOf").laid_out(all);
}

}  // namespace

std::string scenario_schema() {
    std::string out;
    json_writer w{out, json_writer::style::indented};
    w.begin_object().field("$schema", "http://json-schema.org/draft-07/schema#");
    w.field("title", "A scenario of lmstress").field("type", "object").key("properties");
    w.begin_object().key("$schema").begin_object().field("type", "string").end_object();
    w.key("lmstudio").begin_object().field("type", "object").field("description", lmstudio_text);
    w.end_object();
    for (const scenario_section& section : scenario_sections()) {
        w.key(section.name).begin_object().field("description", section.text);
        w.field("type", "object").key("properties").begin_object();
        const std::string prefix = '/' + std::string{section.name} + '/';
        for (const scenario_field& f : scenario_fields()) {
            if (!f.pointer.starts_with(prefix)) continue;
            w.key(f.pointer.substr(prefix.size()));
            write_field(w, f);
        }
        if (section.name == "request") write_request(w);
        w.end_object();
        write_exclusions(w, prefix);
        w.field("additionalProperties", false).end_object();
    }
    w.end_object().field("additionalProperties", false).end_object();
    return out + '\n';
}

}  // namespace lmstress::workload
