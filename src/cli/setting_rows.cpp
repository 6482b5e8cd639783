#include "cli/setting_rows.hpp"

#include "cli/environment.hpp"
#include "report/printable.hpp"
#include "report/text_table.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"
#include "wire/secrets.hpp"
#include "workload/scenario_fields.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace lmstress::cli {
namespace {

namespace json = boost::json;

constexpr const char* hidden = "\"***\"";

std::string origin_of(const workload::reading& about, const std::string& pointer) {
    const auto found = about.origins.find(pointer);
    return found == about.origins.end() ? "default" : found->second;
}

setting_row row_of(const workload::scenario_field& f, const settings& s) {
    setting_row row{.pointer = std::string{f.pointer},
                    .value = {},
                    .from = origin_of(s.about, std::string{f.pointer}),
                    .flag = std::string{f.flag},
                    .variable = variable_of(f)};
    std::string value;
    wire::json_writer w{value};
    if (f.write(s.values, w)) row.value = f.secret ? hidden : wire::without_secrets(value);
    return row;
}

/// One for each name that a field has a text for.
void add_rows_of_map(const setting_row& field, const workload::scenario_field& f, const settings& s,
                     std::vector<setting_row>& into) {
    std::string all;
    wire::json_writer w{all};
    if (!f.write(s.values, w)) return into.push_back(field);
    const json::value texts = json::parse(all);
    for (const auto& member : texts.as_object()) {
        setting_row row = field;
        row.pointer = workload::pointer_to(f.pointer, member.key());
        row.from = origin_of(s.about, row.pointer);
        row.value = f.secret ? hidden : wire::json_text(member.value());
        into.push_back(std::move(row));
    }
}

/// As people write it, and not longer than a line takes.
std::string cell_of(const std::optional<std::string>& value) {
    constexpr std::size_t longest = 48;
    if (!value) return "-";
    const json::value v = json::parse(*value);
    std::string text = v.is_string() ? std::string{v.get_string()} : *value;
    if (v.is_array()) {
        std::erase_if(text, [](char c) { return c == '"' || c == '[' || c == ']'; });
    }
    if (text.size() > longest) text = text.substr(0, longest - 3) + "...";
    return text;
}

}  // namespace

std::vector<setting_row> setting_rows(const settings& s) {
    std::vector<setting_row> rows;
    for (const workload::scenario_field& f : workload::scenario_fields()) {
        const setting_row row = row_of(f, s);
        if (f.rule.types == wire::value_rule::object) {
            add_rows_of_map(row, f, s, rows);
        } else {
            rows.push_back(row);
        }
    }
    const auto add_of_request = [&](const std::string& name, const std::string& value) {
        const std::string pointer = workload::pointer_to("/request", name);
        rows.push_back({.pointer = pointer,
                        .value = wire::without_secrets(value),
                        .from = origin_of(s.about, pointer),
                        .flag = {},
                        .variable = {}});
    };
    for (const auto& [name, value] : s.values.request.fields) add_of_request(name, value);
    if (!s.values.request.extra.empty()) add_of_request("extra", s.values.request.extra);
    return rows;
}

std::string settings_table(const settings& s) {
    constexpr std::array columns = {report::text_column{"setting"}, report::text_column{"value"},
                                    report::text_column{"from"}};
    std::vector<std::vector<std::string>> lines;
    for (const setting_row& row : setting_rows(s)) {
        lines.push_back({row.pointer.substr(1), cell_of(row.value), row.from});
    }
    std::string out = report::text_table(columns, lines);
    for (const std::string& url : s.values.target.further_urls) {
        out += "\nWhere none answers at target/url: " + report::printable(url);
    }
    return s.values.target.further_urls.empty() ? out : out + '\n';
}

std::string settings_json(const settings& s) {
    std::string out;
    wire::json_writer w{out, wire::json_writer::style::indented};
    const auto text_or_null = [&](std::string_view key, const std::string& text) {
        w.field(key, text.empty() ? std::nullopt : std::optional{text});
    };
    w.begin_object().field("schema", "lmstress.config/1").key("files").begin_array();
    for (const std::string& file : s.files) w.value(file);
    w.end_array().key("further_urls").begin_array();
    for (const std::string& url : s.values.target.further_urls) w.value(url);
    w.end_array().key("settings").begin_array();
    for (const setting_row& row : setting_rows(s)) {
        w.begin_object().field("pointer", row.pointer).key("value");
        w.laid_out(row.value.value_or("null")).field("from", row.from);
        text_or_null("flag", row.flag);
        text_or_null("environment", row.variable);
        w.end_object();
    }
    w.end_array().end_object();
    return out + '\n';
}

}  // namespace lmstress::cli
