#include "workload/scenario_json.hpp"

#include "api/request_fields.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "wire/letters.hpp"
#include "workload/commented_json.hpp"
#include "workload/lmstudio_block.hpp"
#include "workload/scenario_fields.hpp"
#include "workload/server_command.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::workload {
namespace {

namespace json = boost::json;

constexpr std::string_view request = "/request";
constexpr std::string_view extra = "/request/extra";

/// What the load itself puts into a request's body, and where to set it.
struct own_field {
    std::string_view name;
    std::string_view set_by;
};
constexpr std::array own_fields = {
    own_field{"model", "/target/model"},
    own_field{"input", "/workload/prompt"},
    own_field{"messages", "/workload/prompt"},
    own_field{"prompt", "/workload/prompt"},
    own_field{"stream", "nobody: lmstress measures streams"},
};

/// A token of a JSON pointer as it stands in one (RFC 6901).
std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

std::string unescaped(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escape = token[i] == '~' && i + 1 < token.size();
        if (escape && token[i + 1] == '1') {
            out += '/';
            ++i;
        } else if (escape && token[i + 1] == '0') {
            out += '~';
            ++i;
        } else {
            out += token[i];
        }
    }
    return out;
}

/// {"a": {"b": v}} of the path "a/b".
json::value nested(std::string_view path, const json::value& v) {
    const std::size_t end = path.find('/');
    json::object o;
    const json::value inner = end == std::string_view::npos ? v : nested(path.substr(end + 1), v);
    o[unescaped(path.substr(0, end))] = inner;
    return json::value(std::move(o));
}

/// JSON has no infinity, but 1e400 is one once it is read.
bool all_finite(const json::value& v) {
    if (v.is_double()) return std::isfinite(v.get_double());
    if (v.is_array()) {
        return std::all_of(v.get_array().begin(), v.get_array().end(), all_finite);
    }
    if (!v.is_object()) return true;
    return std::all_of(v.get_object().begin(), v.get_object().end(),
                       [](const auto& member) { return all_finite(member.value()); });
}

/// Reads the fields that one source gives: a file, or the command line.
class field_reader {
  public:
    /// From the command line or the environment, where the name of a field says enough.
    field_reader(scenario& into, reading& about) : into_(into), about_(about), code_(errc::usage) {}
    field_reader(scenario& into, reading& about, const std::string& file)
        : into_(into), about_(about), code_(errc::bad_file), file_(file), where_(file + ": ") {}

    /// `name` is what the user wrote.
    result<void> take(const std::string& pointer, const json::value& v, const std::string& name) {
        if (pointer == "/$schema") return {};
        if (!all_finite(v))
            return error{code_, where_ + name + " holds a number that is too large"};
        if (pointer == extra) return take_extra(v, name);
        if (pointer.starts_with(request) && pointer.size() > request.size()) {
            return take_request_field(pointer, v, name);
        }
        if (const scenario_field* field = find_scenario_field(pointer)) {
            return take_field(*field, v, name);
        }
        if (const auto parent = parent_map(pointer)) {
            return take_field(*parent, nested(pointer.substr(parent->pointer.size() + 1), v), name);
        }
        if (!is_section(pointer)) return unknown(pointer, name);
        if (!v.is_object()) return wrong(name, v, "an object");
        for (const auto& member : v.get_object()) {
            const std::string below = pointer + '/' + escaped(member.key());
            const auto done =
                take(below, member.value(),
                     name.starts_with('/') || name.empty() ? below : name + " " + below);
            if (!done) return done;
        }
        return {};
    }

  private:
    error wrong(const std::string& name, const json::value& v, const std::string& form) const {
        std::string shown = wire::without_secrets(wire::json_text(v));
        if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
        return {code_, where_ + name + ": " + shown + " is not " + form};
    }

    static bool is_section(std::string_view pointer) {
        const auto all = scenario_sections();
        return pointer.empty() || std::any_of(all.begin(), all.end(), [&](const auto& s) {
                   return pointer.substr(1) == s.name;
               });
    }

    /// "/output/labels" of "/output/labels/machine".
    static const scenario_field* parent_map(std::string_view pointer) {
        const scenario_field* field = find_scenario_field(pointer.substr(0, pointer.rfind('/')));
        const bool map = field != nullptr && field->rule.types == wire::value_rule::object;
        return map ? field : nullptr;
    }

    error unknown(const std::string& pointer, const std::string& name) const {
        std::vector<std::string> names;
        for (const auto& f : scenario_fields()) names.emplace_back(f.pointer);
        for (const auto& s : scenario_sections()) names.push_back('/' + std::string{s.name});
        for (const auto& f : api::request_fields()) {
            names.push_back(std::string{request} + '/' + std::string{f.name});
        }
        names.emplace_back(extra);
        const std::vector<std::string_view> candidates{names.begin(), names.end()};
        const std::string_view near = wire::nearest(pointer, candidates);
        const std::string said = name == pointer ? "" : " (" + name + ")";
        return {code_, where_ + pointer + " is no field of a scenario" + said,
                near.empty() ? "docs/scenarios.md lists them."
                             : "Did you mean " + std::string{near} + "?"};
    }

    result<void> take_field(const scenario_field& field, const json::value& v,
                            const std::string& name) {
        if (!field.instead.empty()) {
            for (const auto& [other, said] : given_) {
                if (other->instead != field.instead || other == &field) continue;
                return error{code_, where_ + name + " and " + said + " exclude each other"};
            }
            given_.emplace_back(&field, name);
        }
        if (wire::fits(field.rule, v) && field.read(v, into_)) {
            note(field, v, name);
            return {};
        }
        const std::string form = wire::form_of(field.rule);
        if (field.secret) return error{code_, where_ + name + " is not " + form};
        return wrong(name, v, form);
    }

    result<void> take_extra(const json::value& v, const std::string& name) {
        // Not shown, for the body may hold secrets.
        if (!v.is_object()) {
            return error{code_, where_ + name + " is not a JSON object",
                         R"(Like {"top_k": 40, "metadata": {"team": "blue"}}.)"};
        }
        json::object all;
        if (!into_.request.extra.empty()) all = json::parse(into_.request.extra).as_object();
        wire::lay_over(all, v.get_object());
        into_.request.extra = wire::json_text(all);
        note(std::string{extra}, name);
        return {};
    }

    void note(const std::string& pointer, const std::string& name) {
        about_.origins[pointer] = file_.empty() ? name : file_;
    }

    void note(const scenario_field& field, const json::value& v, const std::string& name) {
        const std::string pointer{field.pointer};
        if (field.rule.types == wire::value_rule::object) {
            for (const auto& member : v.get_object()) {
                note(pointer + '/' + escaped(member.key()), name);
            }
            return;
        }
        for (const scenario_field& other : scenario_fields()) {
            const bool gone = !field.instead.empty() && other.instead == field.instead;
            if (gone) about_.origins.erase(std::string{other.pointer});
        }
        note(pointer, name);
    }

    result<void> take_request_field(const std::string& pointer, const json::value& v,
                                    const std::string& name) {
        const std::string key = pointer.substr(request.size() + 1);
        if (pointer.starts_with(std::string{extra} + '/')) {
            return take_extra(nested(pointer.substr(extra.size() + 1), v), name);
        }
        for (const own_field& own : own_fields) {
            if (own.name != key) continue;
            return error{code_, where_ + pointer + " is set by " + std::string{own.set_by},
                         "Only --extra could change it in the body."};
        }
        // Which API it will be is not known yet: one of them must take it.
        std::string forms;
        for (const api::request_field& f : api::request_fields()) {
            if (f.name != key) continue;
            if (wire::fits(f.rule, v)) return keep_request_field(key, v, name);
            const std::string form = wire::form_of(f.rule);
            if (forms.find(form) == std::string::npos)
                forms += (forms.empty() ? "" : ", nor ") + form;
        }
        if (forms.empty()) return unknown(pointer, name);
        return wrong(name, v, forms);
    }

    result<void> keep_request_field(const std::string& key, const json::value& v,
                                    const std::string& name) {
        auto& all = into_.request.fields;
        std::erase_if(all, [&](const auto& f) { return f.first == key; });
        all.emplace_back(key, wire::json_text(v));
        note(std::string{request} + '/' + key, name);
        return {};
    }

    scenario& into_;
    reading& about_;
    errc code_;
    std::string file_;   // empty: none
    std::string where_;  // stands before each message
    std::vector<std::pair<const scenario_field*, std::string>> given_;
};

/// The names of headers are kept, so that whoever does it again knows that there were some.
std::string without_values(const std::vector<std::pair<std::string, std::string>>& headers) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object();
    for (const auto& header : headers) w.field(header.first, "***");
    w.end_object();
    return out;
}

/// The section as JSON text.
std::string fields_of(const scenario_section& section, const scenario& s) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object();
    const std::string prefix = '/' + std::string{section.name} + '/';
    for (const scenario_field& f : scenario_fields()) {
        if (!f.stored || !f.pointer.starts_with(prefix)) continue;
        std::string value;
        wire::json_writer value_writer{value};
        if (!f.write(s, value_writer)) continue;
        const bool nested = value.starts_with('{') || value.starts_with('[');
        w.key(f.pointer.substr(prefix.size()));
        w.raw(nested ? wire::without_secrets(value) : value);
    }
    if (section.name == "target" && !s.target.headers.empty()) {
        w.key("headers").raw(without_values(s.target.headers));
    }
    if (section.name == "request") {
        for (const auto& [name, value] : s.request.fields) {
            w.key(name).raw(wire::without_secrets(value));
        }
        if (!s.request.extra.empty()) w.key("extra").raw(wire::without_secrets(s.request.extra));
    }
    w.end_object();
    return out;
}

}  // namespace

result<void> read_scenario(std::string_view text, const std::string& file, scenario& into,
                           reading& about) {
    auto whole = parse_commented(text, file);
    if (!whole) return whole.error();
    if (!whole->is_object()) {
        return error{errc::bad_file, file + " is no scenario: it holds no JSON object"};
    }
    const auto block = take_lmstudio_block(whole->get_object(), file, into, about);
    if (!block) return block;
    return field_reader{into, about, file}.take("", *whole, "");
}

result<void> assign(std::span<const assignment> all, scenario& into, reading& about) {
    field_reader reader{into, about};
    for (const assignment& a : all) {
        json::error_code ec;
        json::value v = json::parse(a.json, ec);
        // A word needs no quotes on a command line.
        if (ec) v = json::string(a.json);
        const auto done = reader.take(a.pointer, v, a.name);
        if (!done) return done;
    }
    return {};
}

result<void> read_scenario(std::string_view text, const std::string& file, scenario& into) {
    reading about;
    return read_scenario(text, file, into, about);
}

result<void> assign(std::span<const assignment> all, scenario& into) {
    reading about;
    return assign(all, into, about);
}

std::string pointer_to(std::string_view parent, std::string_view name) {
    return std::string{parent} + '/' + escaped(name);
}

bool is_in_body(const request_settings& r, std::string_view name) {
    const auto named = [&](const auto& field) { return field.first == name; };
    if (std::any_of(r.fields.begin(), r.fields.end(), named)) return true;
    if (r.extra.empty()) return false;
    const json::value merged = json::parse(r.extra);
    const json::value* there = merged.as_object().if_contains(name);
    return there != nullptr && !there->is_null();
}

wire::secrets secrets_of(const scenario& s) {
    wire::secrets all;
    all.add(s.target.api_token);
    for (const auto& header : s.target.headers) all.add(header.second);
    for (const auto& field : s.request.fields) all.add_those_in(json::parse(field.second));
    for (const std::string& one : s.workload.integrations) all.add_those_in(json::parse(one));
    if (!s.request.extra.empty()) all.add_those_in(json::parse(s.request.extra));
    for (const std::string& word : secrets_in_command(s.server.command)) all.add(word);
    return all;
}

std::string to_json(const scenario& s) {
    std::string out;
    wire::json_writer w{out};
    w.begin_object();
    for (const scenario_section& section : scenario_sections()) {
        const std::string fields = fields_of(section, s);
        // A run's own scenario says nothing of a sweep.
        if (fields == "{}" && !section.command.empty()) continue;
        w.key(section.name).raw(fields);
    }
    w.end_object();
    return out;
}

}  // namespace lmstress::workload
