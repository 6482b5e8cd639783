#include "measure/validity.hpp"

#include "measure/distribution.hpp"

namespace lmstress::measure {

validity judge(const run_summary& run) {
    validity v;
    v.bounds = bounds_of(run);
    dense_histogram read_lag;
    dense_histogram loop_lag;
    nanoseconds cpu{0};
    nanoseconds wall{0};
    for (const level_summary& level : run.levels) {
        v.histogram_overflow += level.histogram_overflow;
        v.kernel_stamps += level.kernel_stamps;
        v.user_stamps += level.user_stamps;
        v.events += level.events;
        v.user_events += level.user_events;
        v.coalesced_events += level.coalesced_events;
        v.unknown_events += level.unknown_events;
        if (!level.course.client) continue;
        const client_figures& client = *level.course.client;
        read_lag.merge(client.read_lag);
        loop_lag.merge(client.loop_lag);
        cpu += client.cpu;
        wall += client.wall;
        v.max_rss_bytes = std::max(v.max_rss_bytes, client.max_rss_bytes);
    }
    v.read_lag_ms = distribution_of(read_lag);
    v.event_loop_lag_ms = distribution_of(loop_lag);
    if (wall > nanoseconds{0}) {
        v.client_cpu_share = static_cast<double>(cpu.count()) / static_cast<double>(wall.count());
    }
    return v;
}

}  // namespace lmstress::measure
