#include "cli/environment.hpp"

#include "cli/field_value.hpp"
#include "wire/json_writer.hpp"
#include "wire/letters.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

namespace lmstress::cli {
namespace {

constexpr std::string_view prefix = "LMSTRESS_";

std::string upper(std::string_view name) {
    std::string out{prefix};
    for (const char c : name) {
        const bool letter = c >= 'a' && c <= 'z';
        out += letter ? static_cast<char>(c - 'a' + 'A') : c == '-' || c == '/' ? '_' : c;
    }
    return out;
}

/// Flags of the request that are no rows of the table.
struct request_variable {
    std::string_view name;
    std::string_view pointer;
};
constexpr std::array request_variables = {
    request_variable{"LMSTRESS_TEMPERATURE", "/request/temperature"},
    request_variable{"LMSTRESS_EXTRA", "/request/extra"},
};

/// Of a flag that takes no value: given or not.
result<std::string> switched(const workload::scenario_field& f, const std::string& text,
                             const std::string& name) {
    constexpr std::array on = {"on", "1", "true", "yes"};
    constexpr std::array off = {"off", "0", "false", "no"};
    const auto is = [&](const char* word) { return wire::same_letters(text, word); };
    const bool given = std::any_of(on.begin(), on.end(), is);
    if (!given && !std::any_of(off.begin(), off.end(), is)) {
        return error{errc::usage, name + ": \"" + text + "\" is not on or off"};
    }
    const bool json = (f.flag_json == "true") == given;
    return std::string{json ? "true" : "false"};
}

result<void> add(const workload::scenario_field& f, const std::string& text,
                 const std::string& name, std::vector<workload::assignment>& into) {
    const auto add_one = [&](const std::string& one) -> result<void> {
        const auto json = f.flag_json.empty() ? field_json(f, one, name) : switched(f, one, name);
        if (!json) return json.error();
        into.push_back({std::string{f.pointer}, *json, name});
        return {};
    };
    if (f.rule.types != wire::value_rule::object) return add_one(text);
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        const auto added = add_one(line);
        if (!added) return added;
    }
    return {};
}

std::string unknown(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& f : workload::scenario_fields()) names.push_back(variable_of(f));
    for (const auto& v : request_variables) names.emplace_back(v.name);
    // The beginning that all have in common makes none of them near.
    std::vector<std::string_view> candidates{names.begin(), names.end()};
    for (std::string_view& candidate : candidates) candidate.remove_prefix(prefix.size());
    const std::string_view near = wire::nearest(name.substr(prefix.size()), candidates);
    return "the environment variable " + name + " sets nothing that lmstress knows" +
           (near.empty() ? "." : "; did you mean " + std::string{prefix} + std::string{near} + "?");
}

}  // namespace

std::string variable_of(const workload::scenario_field& f) {
    return upper(f.flag.empty() ? f.pointer.substr(1) : f.flag.substr(2));
}

result<environment_settings> settings_in(std::span<const std::string> variables) {
    environment_settings all;
    for (const std::string& variable : variables) {
        const std::size_t end = std::min(variable.find('='), variable.size());
        const std::string name = variable.substr(0, end);
        const bool generic = name == "LM_API_TOKEN";
        if (!generic && !name.starts_with(prefix)) continue;
        const std::string text = variable.substr(std::min(end + 1, variable.size()));
        const auto named = std::find_if(request_variables.begin(), request_variables.end(),
                                        [&](const auto& v) { return v.name == name; });
        if (named != request_variables.end()) {
            if (!text.empty()) all.own.push_back({std::string{named->pointer}, text, name});
            continue;
        }
        const auto fields = workload::scenario_fields();
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) {
            return generic ? f.pointer == "/target/api_token" : variable_of(f) == name;
        });
        if (field == fields.end()) all.unknown.push_back(unknown(name));
        if (field == fields.end() || text.empty()) continue;
        const auto added = add(*field, text, name, generic ? all.generic : all.own);
        if (!added) return added.error();
    }
    return all;
}

}  // namespace lmstress::cli
