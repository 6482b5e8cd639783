#include "cli/resumed_ground.hpp"

#include "cli/stored_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace lmstress::cli {
namespace {

std::string value_text(std::uint64_t n) {
    return std::to_string(n);
}

std::string value_text(bool on) {
    return on ? "on" : "off";
}

template <class T>
void compare(std::vector<std::string>& differing, const char* name, const server_setting<T>& then,
             const server_setting<T>& now) {
    const bool asked = then.requested || now.requested;
    if (asked || !then.confirmed || !now.confirmed || then.confirmed == now.confirmed) return;
    differing.push_back(fmt::format("{} {}, and now has {}", name, value_text(*then.confirmed),
                                    value_text(*now.confirmed)));
}

result<void> check_files(const resumed_ground& then,
                         const std::vector<std::pair<std::string, std::string>>& now) {
    for (const auto& [at, hash] : then.file_hashes) {
        const auto same =
            std::find_if(now.begin(), now.end(), [&](const auto& one) { return one.first == at; });
        if (same == now.end() || same->second == hash) continue;
        return error{
            errc::usage,
            fmt::format("the file of {} held something else when {} was measured: its hash "
                        "was {} then, and is {} now",
                        at, then.name, hash, same->second),
            "Put back what it held, or begin anew in another directory."};
    }
    return {};
}

}  // namespace

result<resumed_ground> ground_of(const std::filesystem::path& directory, const std::string& name,
                                 const std::vector<std::pair<std::string, std::string>>& now) {
    auto run = load_run(directory / name);
    if (!run) return run.error();
    resumed_ground out{.name = name, .file_hashes = std::move(run->setup.file_hashes)};
    const auto same = check_files(out, now);
    if (!same) return same.error();
    if (run->levels.empty()) return out;
    const level_setup& level = run->levels.front().summary.setup;
    out.model = level.target.model;
    out.server = level.server;
    return out;
}

result<void> check_server(const resumed_ground& then, const server_settings& now) {
    std::vector<std::string> differing;
    compare(differing, "parallel", then.server.parallel, now.parallel);
    compare(differing, "unified KV", then.server.unified_kv, now.unified_kv);
    compare(differing, "a context length of", then.server.context_length, now.context_length);
    if (differing.empty()) return {};
    return error{errc::usage,
                 fmt::format("the server is not the one that {} was measured on: it had {}",
                             then.name, fmt::join(differing, "; it had ")),
                 "Bring it back to what it had (lmstress models load, or its own command line), or "
                 "begin anew in another directory."};
}

}  // namespace lmstress::cli
