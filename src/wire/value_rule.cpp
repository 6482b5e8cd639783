#include "wire/value_rule.hpp"

#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

namespace lmstress::wire {

namespace json = boost::json;

namespace {

struct type_name {
    unsigned type;
    std::string_view schema;
    std::string_view words;
};
constexpr std::array type_names = {
    type_name{value_rule::boolean, "boolean", "true or false"},
    type_name{value_rule::integer, "integer", "a whole number"},
    type_name{value_rule::number, "number", "a number"},
    type_name{value_rule::string, "string", "a text"},
    type_name{value_rule::array, "array", "a list"},
    type_name{value_rule::object, "object", "an object"},
};
constexpr double no_bound = 1e18;

std::optional<double> number_of(const json::value& v) {
    if (v.is_int64()) return static_cast<double>(v.get_int64());
    if (v.is_uint64()) return static_cast<double>(v.get_uint64());
    if (v.is_double()) return as_written(v.get_double());
    return std::nullopt;
}

bool is_one_of(std::span<const std::string_view> words, std::string_view text) {
    return words.empty() || std::find(words.begin(), words.end(), text) != words.end();
}

bool are_of(const value_rule& rule, std::string_view text) {
    for (;;) {
        const std::size_t end = rule.several ? std::min(text.find(','), text.size()) : text.size();
        if (!is_one_of(rule.words, text.substr(0, end))) return false;
        if (end == text.size()) return true;
        text.remove_prefix(end + 1);
    }
}

/// ECMA 262, of words that hold no sign with a meaning there.
std::string pattern_of_several(std::span<const std::string_view> words) {
    std::string any;
    for (const std::string_view word : words) any += (any.empty() ? "" : "|") + std::string{word};
    return "^(" + any + ")(,(" + any + "))*$";
}

std::string joined(const std::vector<std::string>& forms) {
    std::string out;
    for (std::size_t i = 0; i < forms.size(); ++i) {
        if (i > 0) out += i + 1 == forms.size() ? " or " : ", ";
        out += forms[i];
    }
    return out;
}

std::string with_range(const value_rule& rule, std::string_view words) {
    if (rule.most < no_bound) return fmt::format("{} from {} to {}", words, rule.least, rule.most);
    if (rule.least > -no_bound) return fmt::format("{} of at least {}", words, rule.least);
    return std::string{words};
}

void write_type(json_writer& w, const value_rule& rule, const type_name& type) {
    w.field("type", type.schema);
    const bool counted = type.type == value_rule::integer || type.type == value_rule::number;
    if (counted && rule.least > -no_bound) w.field("minimum", rule.least);
    if (counted && rule.most < no_bound) w.field("maximum", rule.most);
    if (type.type == value_rule::array && rule.items != nullptr) {
        w.field("minItems", 1).key("items").begin_object();
        write_schema(w, *rule.items);
        w.end_object();
    }
    if (type.type != value_rule::string) return;
    if (!rule.pattern.empty()) w.field("pattern", rule.pattern);
    if (rule.words.empty()) return;
    if (rule.several) {
        w.field("pattern", pattern_of_several(rule.words));
        return;
    }
    w.key("enum").begin_array();
    for (const std::string_view word : rule.words) w.value(word);
    w.end_array();
}

}  // namespace

bool fits(const value_rule& rule, const json::value& v) {
    if (v.is_bool()) return (rule.types & value_rule::boolean) != 0;
    if (v.is_array()) return (rule.types & value_rule::array) != 0;
    if (v.is_object()) return (rule.types & value_rule::object) != 0;
    if (v.is_string()) {
        return (rule.types & value_rule::string) != 0 &&
               are_of(rule, std::string_view{v.get_string()});
    }
    const auto n = number_of(v);
    if (!n || !(*n >= rule.least && *n <= rule.most)) return false;
    if ((rule.types & value_rule::number) != 0) return true;
    return (rule.types & value_rule::integer) != 0 && *n == std::floor(*n);
}

std::string form_of(const value_rule& rule) {
    if (!rule.form.empty()) return std::string{rule.form};
    std::vector<std::string> forms;
    for (const type_name& type : type_names) {
        if ((rule.types & type.type) == 0) continue;
        if (rule.several && type.type == value_rule::array) continue;
        if (type.type == value_rule::integer || type.type == value_rule::number) {
            forms.push_back(with_range(rule, type.words));
        } else if (type.type == value_rule::string && !rule.words.empty()) {
            for (const std::string_view word : rule.words) forms.emplace_back(word);
        } else {
            forms.emplace_back(type.words);
        }
    }
    return joined(forms) + (rule.several ? ", or several of them" : "");
}

void write_schema(json_writer& w, const value_rule& rule) {
    std::vector<const type_name*> types;
    for (const type_name& type : type_names) {
        if ((rule.types & type.type) != 0) types.push_back(&type);
    }
    if (types.size() == 1) return write_type(w, rule, *types.front());
    w.key("anyOf").begin_array();
    for (const type_name* type : types) {
        w.begin_object();
        write_type(w, rule, *type);
        w.end_object();
    }
    w.end_array();
}

}  // namespace lmstress::wire
