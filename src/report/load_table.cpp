#include "report/load_table.hpp"

#include "report/api_differences.hpp"
#include "report/interval_table.hpp"
#include "report/level_name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::report {
namespace {

std::string quantile(const level_summary& level, std::string_view metric,
                     double distribution::* at) {
    const distribution* d = level.metric(metric);
    return d == nullptr ? "-" : quantile_text(*d, at);
}

std::string pair(const level_summary& level, std::string_view metric) {
    return quantile(level, metric, &distribution::p50) + " / " +
           quantile(level, metric, &distribution::p95);
}

}  // namespace

std::string load_table(const run_summary& run) {
    if (!is_open(run)) return {};
    const auto apis = apis_of(run);
    std::size_t longest = 0;
    for (const std::string_view api : apis) longest = std::max(longest, api.size());
    const bool several = apis.size() > 1;
    const std::string indent(several ? longest + 2 : 0, ' ');
    const auto& open = *run.levels.front().setup.open;
    std::string out =
        fmt::format("open loop, {} arrivals, at most {} in flight; TTFT ms p50 / p95\n",
                    open.arrivals, run.levels.front().setup.concurrency);
    out += fmt::format("{:>7}{}{:>9}{:>16}{:>7}{:>18}{:>18}\n", "req/s", indent, "sent/s",
                       "in flight, max", "shed", "from intended", "from send");
    for (const level_summary& level : run.levels) {
        if (!level.load) continue;
        const load_figures& f = *level.load;
        out += fmt::format("{:>7}", level_number(level.setup));
        if (several) out += fmt::format("  {:<{}}", level.setup.target.api, longest);
        out += fmt::format(
            "{:>9}{:>16}{:>7}{:>18}{:>18}\n", number_text(f.achieved_rate.value_or(0)),
            fmt::format("{}, {}", number_text(f.in_flight_mean), f.in_flight_max),
            level.requests.shed, pair(level, "ttft_intended_ms"), pair(level, "ttft_ms"));
    }
    return out;
}

std::vector<std::string> load_warnings(const level_summary& level) {
    std::vector<std::string> out;
    if (!level.load) return out;
    const load_figures& f = *level.load;
    if (f.grows) {
        out.push_back(fmt::format(
            "overload: requests in flight grew by {:.0f} over the window, so latency has no steady "
            "value: how long it is depends on how long the run is.",
            *f.in_flight_growth));
    }
    const std::uint64_t over_cap = level.requests.shed - std::min(level.requests.shed, f.shed_late);
    if (over_cap > 0) {
        out.push_back(fmt::format(
            "{} of {} arrivals found {} in flight and were shed (--max-in-flight): latencies are "
            "of those that were let in.",
            over_cap, level.requests.offered, level.setup.concurrency));
    }
    if (f.shed_late > 0) {
        out.push_back(fmt::format(
            "{} of {} arrivals were not sent because lmstress itself was over 100 ms late for "
            "them (--catch-up would have sent them in a burst).",
            f.shed_late, level.requests.offered));
    }
    return out;
}

}  // namespace lmstress::report
