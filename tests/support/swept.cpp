#include "support/swept.hpp"

#include "support/virtual_level.hpp"

#include <string>

namespace test {

using namespace lmstress;

using namespace std::chrono_literals;

analyze::measured_cell cell_of(const server_variant& v, std::size_t variant, std::size_t load,
                               std::uint32_t streams, std::uint32_t run) {
    virtual_setup setup;
    setup.server.engine.parallel = static_cast<std::uint32_t>(v.parallel.value_or(4));
    setup.server.engine.unified_kv = v.unified_kv.value_or(true);
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.concurrency = {streams};
    setup.scenario.load.duration = 30s;
    setup.scenario.workload.max_tokens = 32;
    setup.scenario.workload.seed = 1 + run;
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 400ms;
    return {.cell = {variant, load, run},
            .directory = "cells/001",
            .figures = analyze::figures_of(virtual_level(setup), 32, 1)};
}

swept sweep(const std::vector<std::uint64_t>& parallel, const std::vector<std::uint32_t>& streams) {
    swept out;
    for (const std::uint32_t n : streams) out.plan.loads.push_back(std::to_string(n));
    for (std::size_t v = 0; v < parallel.size(); ++v) {
        out.plan.variants.push_back({.parallel = parallel[v]});
        for (std::size_t load = 0; load < streams.size(); ++load) {
            out.cells.push_back(cell_of(out.plan.variants.back(), v, load, streams[load]));
        }
    }
    return out;
}

}  // namespace test
