#include "cli/swept_models.hpp"

#include "cli/ask_server.hpp"
#include "server/model_control.hpp"
#include "workload/sweep_plan.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace lmstress::cli {
namespace {

bool is_all(const sweep_settings& w) {
    return w.models == std::vector<std::string>{"all"};
}

std::string why_not(const std::optional<bool>& can, const char* what) {
    return can ? "it is not one that " + std::string{what}
               : "the server does not say whether it " + std::string{what};
}

/// Why a model is not among those that are wanted; empty where it is.
std::string why_left_out(const server::catalog_entry& m, const sweep_settings& w) {
    if (!w.type.empty() && m.type != w.type) return "it is of the type " + m.type;
    if (w.only_vision && !m.vision.value_or(false)) return why_not(m.vision, "sees pictures");
    if (w.only_tools && !m.tool_use.value_or(false)) {
        return why_not(m.tool_use, "was trained for tool use");
    }
    // Embedding models do not chat: they are meant where they or their type are named.
    const bool unasked = is_all(w) && w.type.empty() && m.type.starts_with("embedding");
    return unasked ? "it does not chat" : std::string{};
}

}  // namespace

result<swept_models> choose_models(const std::vector<server::catalog_entry>& all,
                                   const sweep_settings& w) {
    swept_models out;
    std::vector<std::string> names = w.models;
    if (is_all(w)) {
        names.clear();
        for (const server::catalog_entry& m : all) names.push_back(m.key);
    }
    for (const std::string& name : names) {
        const server::catalog_entry* m = server::find_entry(all, name);
        if (m == nullptr) {
            return error{errc::model_not_there, "the server has no model " + name,
                         "lmstress models list tells which there are."};
        }
        std::string why = why_left_out(*m, w);
        if (why.empty() && out.names.size() >= w.limit.value_or(SIZE_MAX)) {
            why = "--limit is " + std::to_string(*w.limit);
        }
        if (why.empty()) {
            out.names.push_back(name);
        } else if (!is_all(w)) {
            out.left_out.push_back(name + " is left out: " + why);
        }
    }
    if (!out.names.empty()) return out;
    return error{errc::model_not_there, "no model of the server is like that",
                 "lmstress models list tells which there are."};
}

result<swept_models> models_to_sweep(const scenario& s) {
    const std::string choice = workload::choice_of_models(s.sweep);
    if (s.sweep.models.empty() || (!is_all(s.sweep) && choice.empty())) {
        return swept_models{.names = s.sweep.models};
    }
    if (!s.server.command.empty()) {
        return error{errc::usage,
                     (choice.empty() ? std::string{"--models all"} : choice) +
                         " asks the server for its list of models, and --server-command has "
                         "not started one yet",
                     "Name the models: --models a,b"};
    }
    const auto listed =
        ask_server_of<server::catalog>(s, [](server::way to) { return server::read_catalog(to); });
    if (!listed) return listed.error();
    return choose_models(listed->models, s.sweep);
}

}  // namespace lmstress::cli
