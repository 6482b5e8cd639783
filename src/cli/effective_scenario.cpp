#include "cli/options.hpp"
#include "net/url.hpp"
#include "store/journal.hpp"
#include "wire/letters.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace lmstress::cli {
namespace {

/// Files that a scenario names stand beside it, wherever the program was started; those of flags
/// are where it was started. Absolute, so that the scenario that is stored can be run again.
void resolve_paths(scenario& s, const std::filesystem::path& beside) {
    for (std::string* path : {&s.workload.prompts_file, &s.workload.system_prompt_file,
                              &s.target.api_token_file, &s.target.ca_file}) {
        if (path->empty()) continue;
        *path = std::filesystem::absolute(beside / *path).lexically_normal().string();
    }
}

result<scenario> read_file_of(const std::string& file) {
    scenario s;
    if (file.empty()) return s;
    const auto content = store::read_file(file);
    if (!content) return content.error();
    const auto read = workload::read_scenario(*content, file, s);
    if (!read) return read.error();
    resolve_paths(s, std::filesystem::path{file}.parent_path());
    return s;
}

/// From the flag, else the file, else the environment.
result<void> find_token(const run_options& options, target_settings& t) {
    const char* variable = std::getenv("LM_API_TOKEN");
    if (!options.api_token.empty()) {
        t.api_token = options.api_token;
        t.api_token_source = "--api-token";
    } else if (!t.api_token_file.empty()) {
        const auto content = store::read_file(t.api_token_file);
        if (!content) return content.error();
        t.api_token = *content;
        while (t.api_token.ends_with('\n') || t.api_token.ends_with('\r')) t.api_token.pop_back();
        t.api_token_source = t.api_token_file;
        if (t.api_token.empty()) return error{errc::bad_file, t.api_token_file + " holds no token"};
    } else if (variable != nullptr) {
        t.api_token = variable;
        t.api_token_source = "LM_API_TOKEN";
    }
    const bool fits = std::all_of(t.api_token.begin(), t.api_token.end(),
                                  [](char c) { return c > ' ' && c <= '~'; });
    if (fits) return {};
    return error{errc::usage,
                 "the API token of " + t.api_token_source + " holds something that no token does",
                 "A token is one line of letters, digits and signs."};
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

}  // namespace

result<scenario> effective_scenario(const run_options& options) {
    auto s = read_file_of(options.scenario_file);
    if (!s) return s;
    for (const auto* source : {&options.flags, &options.sets}) {
        const auto assigned = workload::assign(*source, *s);
        if (!assigned) return assigned.error();
    }
    resolve_paths(*s, {});
    if (!s->load.requests && s->load.duration == nanoseconds{0}) {
        return error{errc::usage, "a duration of 0 measures nothing",
                     "Give --duration a length, or the number of --requests."};
    }
    keep_last_of_each_name(s->target.headers);
    const auto headers = check_headers(s->target);
    if (!headers) return headers.error();
    const auto token = find_token(options, s->target);
    if (!token) return token.error();
    const auto prompted = read_system_prompt(s->workload);
    if (!prompted) return prompted.error();
    return s;
}

result<workload::prompts> load_prompts(const workload_settings& w) {
    if (!w.prompt.empty()) return workload::prompts::single(w);
    if (w.synthetic) return workload::prompts::synthetic(w);
    if (w.prompts_file.empty()) return workload::prompts::built_in(w);
    const auto content = store::read_file(w.prompts_file);
    if (!content) return content.error();
    return workload::prompts::from_text(*content, w.prompts_file, w);
}

}  // namespace lmstress::cli
