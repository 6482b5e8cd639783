#include "workload/command_text.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "workload/scenario_fields.hpp"
#include "workload/scenario_json.hpp"
#include "workload/server_command.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>

namespace lmstress::workload {

namespace json = boost::json;

namespace {

std::string written(const scenario_field& f, const scenario& s) {
    std::string out;
    wire::json_writer w{out};
    return f.write(s, w) ? out : std::string{};
}

/// A scenario in which all is by default but the kind of its load: some fields are written for open
/// loops only, or for traces, and have a default all the same. What says which load it is differs
/// from that of any other scenario.
scenario defaults_beside(const scenario& s) {
    scenario out;
    if (s.load.arrivals.is_open()) out.load.arrivals.rates = {-1};
    if (!s.load.arrivals.trace_file.empty()) out.load.arrivals.trace_file = "/";
    return out;
}

/// As a flag has it: a text without its quotes, anything else as JSON.
std::string flag_text(const json::value& v) {
    return v.is_string() ? std::string{std::string_view{v.get_string()}} : wire::json_text(v);
}

class command_line {
  public:
    explicit command_line(std::string_view command) : words_{"lmstress", std::string{command}} {}

    void add(const scenario_field& f, const json::value& v) {
        const std::string flag{f.flag};
        const auto give = [&](const std::string& text) {
            words_.push_back(flag);
            words_.push_back(text);
        };
        const bool plain_items =
            v.is_array() && std::none_of(v.get_array().begin(), v.get_array().end(),
                                         [](const json::value& item) { return item.is_object(); });
        if (f.flag.empty()) {
            set(f.pointer, v);
        } else if (f.value_name.empty()) {
            words_.push_back(flag);
        } else if (v.is_object()) {
            // "--label K=V", "--load-field NAME=V": a flag for each member.
            for (const auto& member : v.get_object()) {
                give(std::string{member.key()} + '=' + flag_text(member.value()));
            }
        } else if (f.repeated && v.is_array()) {
            for (const json::value& item : v.get_array()) give(flag_text(item));
        } else if (plain_items) {
            std::string list;
            for (const json::value& item : v.get_array()) {
                list += (list.empty() ? "" : ",") + flag_text(item);
            }
            give(list);
        } else if (v.is_bool()) {
            give(v.get_bool() ? "on" : "off");
        } else {
            give(flag_text(v));
        }
    }
    /// Any field by its place.
    void set(std::string_view pointer, const json::value& v) {
        std::string path{pointer.substr(1)};
        const bool as_a_path = path.find('.') == std::string::npos;
        std::replace(path.begin(), path.end(), '/', '.');
        words_.emplace_back("--set");
        words_.push_back((as_a_path ? path : std::string{pointer}) + '=' + wire::json_text(v));
    }
    void add_word(std::string word) { words_.push_back(std::move(word)); }
    std::vector<std::string> done() { return std::move(words_); }

  private:
    std::vector<std::string> words_;
};

/// Of a section that is for one command the flags stand at that command alone.
bool is_for(const scenario_field& f, std::string_view command) {
    for (const scenario_section& s : scenario_sections()) {
        const bool here = f.pointer.substr(1).starts_with(std::string{s.name} + '/');
        if (here) return s.command.empty() || s.command == command;
    }
    return false;
}

}  // namespace

result<std::vector<std::string>> command_words(
    std::string_view command, std::string_view scenario_json,
    const std::vector<std::pair<std::string, std::string>>& labels) {
    scenario s;
    const auto read = read_scenario(scenario_json, "the scenario of the result", s);
    if (!read) return read.error();
    const scenario defaults = defaults_beside(s);
    scenario as_long = defaults;  // how long a warm-up is by default goes by the window
    as_long.load.duration = s.load.duration;
    as_long.load.requests = s.load.requests;
    command_line out{command};
    for (const scenario_field& f : scenario_fields()) {
        if (!f.stored || !is_for(f, command)) continue;
        const std::string value = written(f, s);
        const bool warmup = f.pointer == "/load/warmup";
        if (value.empty() || value == written(f, warmup ? as_long : defaults)) continue;
        out.add(f, json::parse(value));
    }
    for (const auto& header : s.target.headers) {
        out.add_word("--header");
        out.add_word(header.first + ": ...");
    }
    const json::value all = wire::parse_nested(scenario_json);
    if (const json::value* body = all.as_object().if_contains("request")) {
        for (const auto& member : body->as_object()) {
            out.set(pointer_to("/request", member.key()), member.value());
        }
    }
    for (const auto& [key, value] : labels) {
        out.add_word("--label");
        out.add_word(key + '=' + value);
    }
    return out.done();
}

result<std::string> command_text(std::string_view command, std::string_view scenario_json,
                                 const std::vector<std::pair<std::string, std::string>>& labels) {
    const auto words = command_words(command, scenario_json, labels);
    if (!words) return words.error();
    return typed_words(*words);
}

}  // namespace lmstress::workload
