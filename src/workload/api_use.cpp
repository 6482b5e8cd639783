#include "workload/api_use.hpp"

#include <fmt/format.h>

namespace lmstress::workload {
namespace {

/// Where another API takes that field with another value, the value says what is missing.
std::string in_words(const api::api& api, const std::pair<std::string, std::string>& field) {
    const auto& [name, value] = field;
    return api::has_field(api.name, name) ? name + " " + value : name;
}

result<void> take_fields(const scenario& s, const api::api& api, api_use& use) {
    for (const auto& field : s.request.fields) {
        const auto known = api::check_request_fields(api.name, {field});
        if (known) {
            use.fields.push_back(field);
        } else if (api::any_takes(field)) {
            use.left_out.push_back(in_words(api, field));
        } else {
            return known.error();
        }
    }
    return {};
}

result<api_use> use_of(const scenario& s, const conversation_needs& needs, const api::api& api) {
    api_use use;
    const auto known = take_fields(s, api, use);
    if (!known) return known.error();
    if (needs.turns > 1 && needs.tool_results && !api.takes_tool_results) {
        return error{errc::usage,
                     std::string{api.name} +
                         " has no way to express the results of tools, and a "
                         "turn is nothing without them",
                     "docs/conversations.md says which API can express what; --api chooses one."};
    }
    if (api.embeds && !s.workload.system_prompt_in_effect().empty()) {
        use.left_out.emplace_back("the system prompt");
    }
    const history_mode wanted = s.workload.conversation.history;
    const auto missing = not_expressible(needs, api, wanted);
    use.left_out.insert(use.left_out.end(), missing.begin(), missing.end());
    use.history = history_on(needs, api, missing.empty() ? wanted : history_mode::automatic);
    return use;
}

/// The seed makes the prompts as well, so that an API without one is no reason to refuse it.
bool leaves_seed_out(const scenario& s, const api::api& api) {
    return !api.takes_seed && s.workload.seed != workload_settings{}.seed;
}

}  // namespace

result<std::vector<api_use>> uses_of(const scenario& s, const conversation_needs& needs,
                                     std::span<const api::api* const> apis) {
    std::vector<api_use> uses;
    std::string missing;
    for (const api::api* api : apis) {
        auto use = use_of(s, needs, *api);
        if (!use) return use.error();
        if (!use->left_out.empty()) {
            missing += fmt::format("{}{} has no way to express {}", missing.empty() ? "" : "; ",
                                   api->name, fmt::join(use->left_out, ", "));
        }
        if (s.request.allow_missing && leaves_seed_out(s, *api)) {
            use->left_out.emplace_back("the seed (but in its prompts)");
        }
        uses.push_back(*std::move(use));
    }
    if (missing.empty() || s.request.allow_missing) return uses;
    return error{errc::usage, missing,
                 "Take it out, choose another API with --api (docs/apis.md says what each can "
                 "express), or go on without it with --allow-missing."};
}

}  // namespace lmstress::workload
