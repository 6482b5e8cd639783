#include "cli/options.hpp"
#include "net/url.hpp"
#include "store/journal.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace lmstress::cli {
namespace {

/// Files that a scenario names stand beside it, wherever the program was started.
void resolve_paths(scenario& s, const std::filesystem::path& beside) {
    for (std::string* path : {&s.workload.prompts_file, &s.workload.system_prompt_file,
                              &s.target.api_token_file, &s.target.ca_file}) {
        if (!path->empty()) *path = (beside / *path).lexically_normal().string();
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
result<std::string> find_token(const run_options& options, const std::string& file) {
    std::string token = options.api_token;
    if (token.empty() && !file.empty()) {
        const auto content = store::read_file(file);
        if (!content) return content.error();
        token = *content;
        while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
    }
    const char* variable = std::getenv("LM_API_TOKEN");
    if (token.empty() && variable != nullptr) token = variable;
    const bool fits =
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (fits) return token;
    return error{errc::usage, "the API token holds something that no token does",
                 "A token is one line of letters, digits and signs."};
}

result<void> check_headers(const target_settings& target) {
    for (const auto& [name, value] : target.headers) {
        const auto parsed = net::parse_header(name + ": " + value);
        if (!parsed) return parsed.error();
    }
    return {};
}

result<void> read_system_prompt(workload_settings& w) {
    if (w.system_prompt_file.empty()) return {};
    const auto content = store::read_file(w.system_prompt_file);
    if (!content) return content.error();
    w.system_prompt = *content;
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
    if (!s->load.requests && s->load.duration == nanoseconds{0}) {
        return error{errc::usage, "a duration of 0 measures nothing",
                     "Give --duration a length, or the number of --requests."};
    }
    const auto headers = check_headers(s->target);
    if (!headers) return headers.error();
    auto token = find_token(options, s->target.api_token_file);
    if (!token) return token.error();
    s->target.api_token = *std::move(token);
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
