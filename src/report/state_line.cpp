#include "report/state_line.hpp"

#include "wire/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

namespace lmstress::report {

std::string state_lines(const run_summary& run) {
    const auto& states = run.server_states;
    if (states.empty()) return {};
    const auto most = std::max_element(
        states.begin(), states.end(),
        [](const server_state& a, const server_state& b) { return a.queued < b.queued; });
    std::vector<std::uint64_t> queued;
    std::map<std::string, std::size_t> statuses;
    for (const server_state& s : states) {
        queued.push_back(s.queued);
        ++statuses[s.status];
    }
    std::sort(queued.begin(), queued.end());
    std::string shares;
    for (const auto& [status, n] : statuses) {
        shares += fmt::format("{}{} {:.0f} %", shares.empty() ? "" : ", ", status,
                              100.0 * static_cast<double>(n) / static_cast<double>(states.size()));
    }
    return fmt::format(
        "server state, {}: {}\n"
        "requests that it had: {} (median), {} at most, when {} of ours were in flight\n",
        wire::plural(states.size(), "look"), shares, queued[(queued.size() - 1) / 2], most->queued,
        most->in_flight);
}

}  // namespace lmstress::report
