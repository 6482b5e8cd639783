#include "api/api.hpp"
#include "workload/field_row.hpp"
#include "workload/field_rules.hpp"
#include "workload/field_tables.hpp"
#include "workload/server_command.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <array>

namespace lmstress::workload::fields {
namespace {

constexpr value_rule one_api{.types = value_rule::string, .words = api::api_words};
constexpr value_rule apis{.types = value_rule::string | value_rule::array,
                          .words = api::api_words,
                          .several = true,
                          .items = &one_api};
constexpr value_rule slots{.types = value_rule::integer, .least = 1, .most = 1023};
constexpr value_rule context{.types = value_rule::integer, .least = 1, .most = 1'000'000'000};
constexpr value_rule command{
    .types = value_rule::string,
    .pattern = ".",
    .form = "a command, its words parted by blanks and quoted as in a shell"};

/// The names of APIs, none of them twice; `auto` is none.
bool take_apis(const json::value& v, std::string& into) {
    const std::vector<std::string> names = words_of(v);
    const auto good = [&](const std::string& name) {
        return std::count(names.begin(), names.end(), name) == 1 &&
               (api::find_api(name) != nullptr || (name == "auto" && names.size() == 1));
    };
    if (names.empty() || !std::all_of(names.begin(), names.end(), good)) return false;
    into = joined(names);
    return true;
}

bool take_switch(const json::value& v, std::optional<bool>& into) {
    into = v.is_bool() ? v.get_bool() : v.get_string() == "on";
    return true;
}

// clang-format off
constexpr std::array rows = {
    read_by(row("/target/url", "--url", "URL", some_text, "server under test",
        [](auto& s) -> auto& { return s.target.url; }),
        [](const json::value& v, scenario& s) {
            s.target.further_urls.clear();
            return take(v, s.target.url);
        }),
    read_by(row("/target/api", "--api", "WORD[,...]", apis,
        "API to use; auto takes LM Studio's own where the server has it, else openai-chat; several take turns and are compared",
        [](auto& s) -> auto& { return s.target.api; }),
        [](const json::value& v, scenario& s) { return take_apis(v, s.target.api); }),
    sets(row("/target/allow_missing", "--allow-missing", "", truth,
        "leave out what an API has no way to express, and say so, where that would be an error",
        [](auto& s) -> auto& { return s.request.allow_missing; }), "true"),
    row("/target/model", "--model", "NAME", text, "model to ask for; default: the one that is loaded",
        [](auto& s) -> auto& { return s.target.model; }),
    instead(row("/target/api_token_file", "--api-token-file", "FILE", text, "file that holds the API token",
        [](auto& s) -> auto& { return s.target.api_token_file; }), "token",
        [](const json::value& v, scenario& s) {
            s.target.api_token.clear();
            return take(v, s.target.api_token_file);
        }),
    secret(instead(row("/target/api_token", "--api-token", "TOKEN", text,
        "the token itself; ps shows it to other users, so rather the file or the variable LM_API_TOKEN",
        [](auto& s) -> auto& { return s.target.api_token; }), "token",
        [](const json::value& v, scenario& s) {
            s.target.api_token_file.clear();
            return take(v, s.target.api_token);
        })),
    secret(row("/target/headers", "--header", "K:V", texts_by_name,
        "header for every request; may be repeated",
        [](auto& s) -> auto& { return s.target.headers; })),
    sets(row("/target/verify_tls", "--insecure", "", truth,
        "trust any certificate of an https server",
        [](auto& s) -> auto& { return s.target.verify_tls; }), "false"),
    row("/target/ca_file", "--ca-file", "FILE", text,
        "PEM file of the authorities to trust; default: the system's",
        [](auto& s) -> auto& { return s.target.ca_file; }),
    sets(row("/target/quick_ack", "--no-quickack", "", truth,
        "acknowledge segments as late as the system likes, as ordinary clients do",
        [](auto& s) -> auto& { return s.target.quick_ack; }), "false"),
    sets(row("/target/kernel_times", "--user-clock", "", truth,
        "time what comes by this process's own clock and not by the kernel's, as where there is none",
        [](auto& s) -> auto& { return s.target.kernel_times; }), "false"),

    row("/server/parallel", "--n-parallel", "N", slots,
        "streams that the server must run at once: LM Studio's model is loaded so where it is not",
        [](auto& s) -> auto& { return s.server.parallel; }),
    read_by(row("/server/unified_kv", "--unified-kv-cache", "WORD",
        {.types = value_rule::string | value_rule::boolean, .words = switch_words, .form = "on or off"},
        "on or off: one pool of context for all streams; LM Studio's model is loaded so, and it is read back",
        [](auto& s) -> auto& { return s.server.unified_kv; }),
        [](const json::value& v, scenario& s) { return take_switch(v, s.server.unified_kv); }),
    row("/server/context_length", "--context-length", "N", context, "tokens of context of the server that --server-command starts",
        [](auto& s) -> auto& { return s.server.context_length; }),
    scenario_field{"/server/command", "--server-command", "COMMAND", "", command,
        "start the server for this run, and stop it after; {parallel}, {kv_flag}, {context_length} and {port} are filled in",
        "", true, false,
        [](const json::value& v, scenario& s) { return take(v, s.server.command) && is_command(s.server.command); },
        [](const scenario& s, json_writer& w) { return put(w, shown_command(s.server.command)); }},
};
// clang-format on

}  // namespace

std::span<const scenario_field> target_fields() noexcept {
    return rows;
}

}  // namespace lmstress::workload::fields
