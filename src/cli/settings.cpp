#include "cli/settings.hpp"

#include "api/api.hpp"
#include "cli/environment.hpp"
#include "cli/trace.hpp"
#include "net/url.hpp"
#include "store/journal.hpp"
#include "wire/letters.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <span>
#include <utility>

namespace lmstress::cli {
namespace {

/// Files that a scenario names stand beside it, wherever the program was started; those of flags
/// are where it was started. Absolute, so that the scenario that is stored can be run again.
void resolve_paths(scenario& s, const std::filesystem::path& beside) {
    for (std::string* path :
         {&s.workload.prompts_file, &s.workload.conversation.file, &s.workload.system_prompt_file,
          &s.target.api_token_file, &s.target.ca_file, &s.load.arrivals.trace_file}) {
        if (path->empty()) continue;
        *path = std::filesystem::absolute(beside / *path).lexically_normal().string();
    }
}

/// A pipe might never end, and a file of that size is something else.
result<std::string> read_settings_file(const std::string& file) {
    constexpr std::uintmax_t most = 16'777'216;
    std::error_code ec;
    const auto is = std::filesystem::status(file, ec);
    const bool there = std::filesystem::exists(is);
    if (there && !std::filesystem::is_regular_file(is) && !std::filesystem::is_directory(is)) {
        return error{errc::bad_file, file + " is no ordinary file, as a scenario is"};
    }
    if (std::filesystem::file_size(file, ec) > most && !ec) {
        return error{errc::bad_file, file + " is over 16 MB, which no scenario is"};
    }
    return store::read_file(file);
}

result<void> read_file_into(const std::string& file, settings& s) {
    const auto content = read_settings_file(file);
    if (!content) return content.error();
    const auto read = workload::read_scenario(*content, file, s.values, s.about);
    if (!read) return read.error();
    resolve_paths(s.values, std::filesystem::path{file}.parent_path());
    s.files.push_back(file);
    for (const std::string& what : std::exchange(s.about.ignored, {})) {
        s.notes.push_back(what + ": ignored, for it is nothing of lmstress.");
    }
    return {};
}

result<void> read_files(const std::vector<std::string>& configs, const std::string& scenario_file,
                        settings& s) {
    for (const std::string& file : configs) {
        std::error_code ec;
        if (!std::filesystem::exists(file, ec)) continue;
        const auto read = read_file_into(file, s);
        if (!read) return read;
    }
    return scenario_file.empty() ? result<void>{} : read_file_into(scenario_file, s);
}

result<void> assign_all(const run_options& options, const environment_settings& environment,
                        settings& s) {
    for (const auto* source :
         {&environment.generic, &environment.own, &options.flags, &options.sets}) {
        const auto assigned = workload::assign(*source, s.values, s.about);
        if (!assigned) return assigned;
    }
    resolve_paths(s.values, {});
    return {};
}

result<void> find_token(const workload::reading& about, target_settings& t) {
    if (!t.api_token_file.empty()) {
        const auto content = store::read_file(t.api_token_file);
        if (!content) return content.error();
        t.api_token = *content;
        while (t.api_token.ends_with('\n') || t.api_token.ends_with('\r')) t.api_token.pop_back();
        t.api_token_source = t.api_token_file;
        if (t.api_token.empty()) return error{errc::bad_file, t.api_token_file + " holds no token"};
    } else if (const auto from = about.origins.find("/target/api_token");
               from != about.origins.end()) {
        t.api_token_source = from->second;
    }
    const bool fits = std::all_of(t.api_token.begin(), t.api_token.end(),
                                  [](char c) { return c > ' ' && c <= '~'; });
    if (fits) return {};
    return error{errc::usage,
                 "the API token of " + t.api_token_source + " holds something that no token does",
                 "A token is one line of letters, digits and signs."};
}

/// Vectors are made by other models than texts, and a run has one model.
result<void> check_apis(const std::string& names) {
    const auto apis = api::find_apis(names);  // none of `auto`
    for (const api::api* api : apis) {
        if (api->embeds == apis.front()->embeds) continue;
        return error{errc::usage,
                     fmt::format("{} and {} ask different models", apis.front()->name, api->name),
                     "Give each of them a run of its own."};
    }
    return {};
}

/// Names of headers do not mind the case of their letters.
void keep_last_of_each_name(std::vector<std::pair<std::string, std::string>>& headers) {
    for (std::size_t i = headers.size(); i-- > 0;) {
        const std::string name = headers[i].first;
        const auto end = headers.begin() + static_cast<std::ptrdiff_t>(i);
        const auto same = std::remove_if(
            headers.begin(), end, [&](const auto& h) { return wire::same_letters(h.first, name); });
        i -= static_cast<std::size_t>(end - same);
        headers.erase(same, end);
    }
}

result<void> check_headers(const target_settings& target) {
    for (const auto& [name, value] : target.headers) {
        const auto parsed = net::parse_header(name + ": " + value);
        if (parsed) continue;
        const error& e = parsed.error();
        return error{e.code, "/target/headers/" + name + ": " + e.message, e.advice};
    }
    return {};
}

result<void> read_system_prompt(workload_settings& w) {
    if (w.system_prompt_file.empty()) return {};
    const auto content = store::read_file(w.system_prompt_file);
    if (!content) return content.error();
    w.system_prompt_read = *content;
    return {};
}

/// The one API that a configuration can ask for without naming it.
result<void> check_api(const settings& s) {
    const std::string& api = s.values.target.api;
    if (api == "auto" || !api::find_apis(api).empty()) return check_apis(api);
    return error{errc::usage,
                 s.about.origins.at("/target/api") +
                     ": \"use_rest_api\": false asks for the socket of LM Studio's SDK (--api " +
                     api + "), which this version does not put under load",
                 "Set it to true, or name another API with --api."};
}

/// Their times are made before the first is sent, and are kept: eight bytes each.
constexpr double most_arrivals = 2e7;

/// What the body asks for by these names is not all of what is said or done.
constexpr std::array<std::string_view, 3> more_than_the_body = {"integrations",
                                                                "previous_response_id", "store"};

result<void> check_cache(settings& s) {
    if (!s.values.request.response_cache) return {};
    const auto refused = [](const std::string& what) {
        return error{errc::usage,
                     "--response-cache and " + what +
                         " exclude each other: the same request may then have another answer",
                     "Leave one of them out."};
    };
    const workload_settings& w = s.values.workload;
    if (w.conversation.turns > 1 || !w.conversation.file.empty()) {
        return refused("conversations of several turns");
    }
    if (!w.integrations.empty()) return refused("integrations");
    for (const std::string_view name : more_than_the_body) {
        if (workload::is_in_body(s.values.request, name)) {
            return refused("\"" + std::string{name} + "\" in the request");
        }
    }
    if (w.salt != salt_mode::none) {
        s.notes.emplace_back(
            "--response-cache finds nothing while --salt makes every prompt another: --salt none "
            "lets them be the same.");
    }
    return {};
}

/// What only an open loop has, and only one with a trace.
constexpr std::array<std::string_view, 3> open_only = {"/load/arrivals", "/load/max_in_flight",
                                                       "/load/catch_up"};
constexpr std::array<std::string_view, 2> trace_only = {"/load/trace_scale", "/load/trace_limit"};
/// And what a trace says in their place.
constexpr std::array<std::string_view, 2> never_of_trace = {"/load/arrivals",
                                                            "/workload/max_tokens"};

void note_idle(std::span<const std::string_view> pointers, const std::string& why, settings& s) {
    for (const std::string_view pointer : pointers) {
        const auto from = s.about.origins.find(std::string{pointer});
        if (from == s.about.origins.end()) continue;
        s.notes.push_back(from->second + ": " + std::string{pointer} + " has no meaning " + why);
    }
}

/// A trace says when what is asked, how long it is, and how long its answer may be.
result<void> check_trace(const scenario& s) {
    const auto refused = [](const std::string& what, const std::string& instead) {
        return error{errc::usage, "--trace and " + what + " exclude each other", instead};
    };
    const workload_settings& w = s.workload;
    if (s.load.requests) return refused("--requests", "--trace-limit takes the first of a trace.");
    if (!w.prompt.empty() || !w.prompts_file.empty() || w.synthetic) {
        return refused("prompts", "The trace says how long each prompt is.");
    }
    if (w.conversation.turns > 1 || !w.conversation.file.empty()) {
        return refused("conversations", "Each request of a trace stands for itself.");
    }
    if (w.inputs_each > 1) return refused("--inputs", "Each request of a trace has one prompt.");
    if (s.target.api.find(',') != std::string::npos) {
        return refused("several APIs", "Replay it over one: --api says which.");
    }
    return {};
}

result<void> check_loop(settings& s) {
    const load_settings& load = s.values.load;
    const arrival_settings& a = load.arrivals;
    if (a.trace_file.empty()) note_idle(trace_only, "without a --trace.", s);
    if (!a.is_open()) {
        note_idle(open_only, "in a closed loop; --rate makes it an open one.", s);
        return {};
    }
    if (!a.trace_file.empty()) {
        note_idle(never_of_trace, "beside a --trace, which says it for each request.", s);
        return check_trace(s.values);
    }
    const bool changes = !a.steps.empty() || a.ramp;
    if (changes && load.requests) {
        return error{errc::usage,
                     "a rate that changes goes over a time, and not over a number of requests",
                     "Leave --requests out; --duration says how long a ramp takes."};
    }
    double most = 0;
    for (const double rate : a.rates) most = std::max(most, rate);
    for (const rate_step& step : a.steps) most = std::max(most, step.rate);
    if (a.ramp) most = std::max({most, a.ramp->from, a.ramp->to});
    const nanoseconds all = load.warmup_in_effect() + load.duration_in_effect();
    const double arrivals = load.requests ? static_cast<double>(*load.requests)
                                          : most * static_cast<double>(all.count()) / 1e9;
    if (arrivals <= most_arrivals) return {};
    return error{errc::usage,
                 fmt::format("{:.0f} arrivals are more than a level may have, {:.0f}", arrivals,
                             most_arrivals),
                 "Take a lower rate, a shorter time or fewer requests."};
}

/// A database of such a name is most likely none.
result<void> check_history(const output_settings& o) {
    for (const std::string_view word : {"auto", "stateful", "resent"}) {
        if (o.history != word) continue;
        return error{errc::usage,
                     "--history names the database of all runs, not \"" + o.history + "\"",
                     "How a server is told of earlier turns is --conversation-history."};
    }
    return {};
}

result<void> check(settings& s) {
    const auto at = net::parse_url(s.values.target.url);
    if (!at) return at.error();
    const auto api = check_api(s);
    if (!api) return api;
    if (!s.values.load.ends_with_arrivals() &&
        s.values.load.duration_in_effect() == nanoseconds{0}) {
        return error{errc::usage, "a duration of 0 measures nothing",
                     "Give --duration a length, or the number of --requests."};
    }
    const auto loop = check_loop(s);
    if (!loop) return loop;
    const auto history = check_history(s.values.output);
    if (!history) return history;
    const auto cache = check_cache(s);
    if (!cache) return cache;
    keep_last_of_each_name(s.values.target.headers);
    return check_headers(s.values.target);
}

std::string value_of(std::string_view name, const std::vector<std::string>& variables) {
    for (const std::string& v : variables) {
        if (v.starts_with(name) && v.substr(name.size()).starts_with('=')) {
            return v.substr(name.size() + 1);
        }
    }
    return {};
}

}  // namespace

std::string user_file(std::string_view variable, std::string_view in_home, std::string_view file,
                      const std::vector<std::string>& variables) {
    // The XDG base directory specification has relative paths ignored.
    const std::filesystem::path base = value_of(variable, variables);
    if (base.is_absolute()) return base / file;
    const std::filesystem::path home = value_of("HOME", variables);
    return home.empty() ? std::string{} : (home / in_home / file).string();
}

std::string user_config(const std::vector<std::string>& variables) {
    return user_file("XDG_CONFIG_HOME", ".config", "lmstress/config.json", variables);
}

surroundings surroundings_of_process() {
    surroundings around;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        around.variables.emplace_back(*variable);
    }
    around.files = {user_config(around.variables), "lmstress.json"};
    return around;
}

result<settings> effective_settings(const run_options& options, const surroundings& around) {
    settings s;
    const auto environment = settings_in(around.variables);
    if (!environment) return environment.error();
    s.notes = environment->unknown;
    const auto read = read_files(around.files, options.scenario_file, s);
    if (!read) return read.error();
    const auto assigned = assign_all(options, *environment, s);
    if (!assigned) return assigned.error();
    const auto checked = check(s);
    if (!checked) return checked.error();
    const auto token = find_token(s.about, s.values.target);
    if (!token) return token.error();
    const auto prompted = read_system_prompt(s.values.workload);
    if (!prompted) return prompted.error();
    return s;
}

namespace {

/// Other users see a command line, and the shell's history keeps it.
bool token_on_command_line(const workload::reading& about) {
    return std::any_of(about.origins.begin(), about.origins.end(), [](const auto& origin) {
        constexpr std::string_view headers = "/target/headers/";
        const auto& [pointer, from] = origin;
        const std::string_view name =
            pointer.starts_with(headers) ? std::string_view{pointer}.substr(headers.size()) : "";
        const bool token = pointer == "/target/api_token" ||
                           wire::same_letters(name, "authorization") ||
                           wire::same_letters(name, "x-api-key");
        return token && from.starts_with("--");
    });
}

}  // namespace

result<settings> settings_of_process(const run_options& options) {
    auto s = effective_settings(options, surroundings_of_process());
    if (!s || options.quiet) return s;
    if (token_on_command_line(s->about)) {
        s->notes.emplace_back(
            "other users may have seen the token on the command line (ps) before lmstress hid it; "
            "rather use LM_API_TOKEN or --api-token-file.");
    }
    // A command may read the same settings for each of several runs.
    static std::set<std::string> said;
    for (const std::string& note : s->notes) {
        if (said.insert(note).second) complain({errc::usage, note});
    }
    return s;
}

bool names_url(const settings& effective) {
    const target_settings& t = effective.values.target;
    return effective.about.origins.contains("/target/url") || !t.further_urls.empty() ||
           t.url != target_settings{}.url;
}

result<workload::prompts> load_prompts(const scenario& s) {
    const workload_settings& w = s.workload;
    if (!s.load.arrivals.trace_file.empty()) {
        auto trace = load_trace(s.load.arrivals);
        if (!trace) return trace.error();
        return workload::prompts::of_trace(w, *std::move(trace));
    }
    if (!w.prompt.empty()) return workload::prompts::single(w);
    if (w.synthetic) return workload::prompts::synthetic(w);
    if (w.prompts_file.empty()) return workload::prompts::built_in(w);
    const auto content = store::read_file(w.prompts_file);
    if (!content) return content.error();
    return workload::prompts::from_text(*content, w.prompts_file, w);
}

}  // namespace lmstress::cli
