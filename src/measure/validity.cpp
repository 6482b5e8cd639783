#include "measure/validity.hpp"

#include "measure/distribution.hpp"

#include <algorithm>

namespace lmstress::measure {
namespace {

/// llama.cpp tells the context of one slot: the whole, or without a unified KV cache its share,
/// either rounded up to the engine's step.
bool context_as_asked(const server_settings& server) {
    constexpr std::uint64_t step = 256;
    const auto& context = server.context_length;
    if (!context.requested || !context.confirmed) return true;
    const auto is = [&](std::uint64_t tokens) {
        return *context.confirmed == tokens ||
               *context.confirmed == (tokens + step - 1) / step * step;
    };
    if (context.source != llama_cpp_props) return *context.confirmed == *context.requested;
    const std::uint64_t slots = std::max<std::uint64_t>(server.parallel.confirmed.value_or(1), 1);
    return is(*context.requested) || is(*context.requested / slots);
}

}  // namespace

validity judge(const run_summary& run) {
    validity v;
    dense_histogram lag;
    nanoseconds cpu{0};
    nanoseconds wall{0};
    for (const level_summary& level : run.levels) {
        v.outcomes_add_up = v.outcomes_add_up && level.requests.add_up();
        v.histogram_overflow += level.histogram_overflow;
        v.kernel_stamps += level.kernel_stamps;
        v.user_stamps += level.user_stamps;
        v.coalesced_events += level.coalesced_events;
        v.unknown_events += level.unknown_events;
        if (!level.course.client) continue;
        lag.merge(level.course.client->read_lag);
        cpu += level.course.client->cpu;
        wall += level.course.client->wall;
        v.max_rss_bytes = std::max(v.max_rss_bytes, level.course.client->max_rss_bytes);
    }
    v.read_lag_ms = distribution_of(lag);
    if (wall > nanoseconds{0}) {
        v.client_cpu_share = static_cast<double>(cpu.count()) / static_cast<double>(wall.count());
    }
    if (!v.outcomes_add_up)
        v.reasons.emplace_back("the outcomes do not add up to the requests offered");
    for (const level_summary& level : run.levels) {
        const auto& parallel = level.setup.server.parallel;
        if (!parallel.requested || !parallel.confirmed || parallel.requested == parallel.confirmed)
            continue;
        v.reasons.push_back("the server runs " + std::to_string(*parallel.confirmed) +
                            " streams at once and not the " + std::to_string(*parallel.requested) +
                            " that were asked for");
        break;
    }
    for (const level_summary& level : run.levels) {
        const auto& kv = level.setup.server.unified_kv;
        if (!kv.requested || !kv.confirmed || kv.requested == kv.confirmed) continue;
        v.reasons.push_back(std::string{"the server's KV cache is "} +
                            (*kv.confirmed ? "unified" : "not unified") +
                            ", and the other was asked for");
        break;
    }
    for (const level_summary& level : run.levels) {
        const server_settings& server = level.setup.server;
        if (context_as_asked(server)) continue;
        v.reasons.push_back("the server has " + std::to_string(*server.context_length.confirmed) +
                            " tokens of context and not the " +
                            std::to_string(*server.context_length.requested) +
                            " that were asked for");
        break;
    }
    if (v.histogram_overflow > 0)
        v.reasons.emplace_back("gaps over an hour do not fit the histogram");
    return v;
}

}  // namespace lmstress::measure
