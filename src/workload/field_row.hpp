#pragma once

#include "workload/field_values.hpp"
#include "workload/scenario_fields.hpp"

#include <string_view>

/// How a row of a table of fields is made.
namespace lmstress::workload::fields {

/// A row whose value is kept where `At` says, and read and written as its type is.
template <class At>
constexpr scenario_field row(std::string_view pointer, std::string_view flag,
                             std::string_view value_name, const wire::value_rule& rule,
                             std::string_view text, At) {
    return {.pointer = pointer,
            .flag = flag,
            .value_name = value_name,
            .flag_json = {},
            .rule = rule,
            .text = text,
            .instead = {},
            .stored = true,
            .secret = false,
            .read = [](const json::value& v, scenario& s) { return take(v, At{}(s)); },
            .write = [](const scenario& s, json_writer& w) { return put(w, At{}(s)); }};
}
/// One that belongs to a single run.
constexpr scenario_field unstored(scenario_field f) {
    f.stored = false;
    return f;
}
constexpr scenario_field secret(scenario_field f) {
    f.stored = false;
    f.secret = true;
    return f;
}
/// A flag that takes no value and sets this one.
constexpr scenario_field sets(scenario_field f, std::string_view json) {
    f.flag_json = json;
    return f;
}
/// One of several fields of which only one may be given, and how it takes the others' place.
constexpr scenario_field instead(scenario_field f, std::string_view group,
                                 bool (*read)(const json::value& v, scenario& s)) {
    f.instead = group;
    f.read = read;
    return f;
}
constexpr scenario_field read_by(scenario_field f,
                                 bool (*read)(const json::value& v, scenario& s)) {
    f.read = read;
    return f;
}

}  // namespace lmstress::workload::fields
