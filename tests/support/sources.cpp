#include "support/sources.hpp"

#include "measure/validity.hpp"
#include "sim/fault.hpp"
#include "workload/command_text.hpp"
#include "workload/scenario_json.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace test {

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

report::source_run run_of(virtual_setup setup, const std::string& name) {
    setup.scenario.output.events = true;
    auto run = run_virtually(setup);
    run_setup& about = run.summary.setup;
    about.id = "0123456789";
    about.started_unix_ns = 1'790'000'000'000'000'000;
    about.seed = setup.scenario.workload.seed;
    about.scenario_json = workload::to_json(setup.scenario);
    about.labels = {{"host", "bench1"}};
    about.server = {.software = "LM Studio", .version = "0.4.16", .build = "1", .runtimes = {}};
    report::source_run out{.name = name, .summary = std::move(run.summary), .levels = {}};
    for (level_summary& level : out.summary.levels) {
        level.setup.target.url = "http://127.0.0.1:1234";
        level.setup.target.model = setup.server.model;
        level.setup.server.quantization = "Q4_K_M";
        level.setup.server.parallel.confirmed = setup.server.engine.parallel;
        level.setup.server.unified_kv.confirmed = setup.server.engine.unified_kv;
        level.setup.server.context_length.confirmed = setup.server.engine.context_length;
        if (level.course.client) {  // those of this process are never twice the same
            level.course.client->cpu = 40ms;
            level.course.client->max_rss_bytes = 17'000'000;
        }
        out.levels.push_back({level, {}});
    }
    for (request_record& r : run.records) out.levels.at(r.level).requests.push_back(std::move(r));
    return out;
}

}  // namespace

virtual_setup ordinary_setup(const std::vector<std::uint32_t>& streams) {
    virtual_setup setup;
    setup.scenario.load.concurrency.assign(streams.begin(), streams.end());
    setup.scenario.load.duration = 10s;
    setup.scenario.workload.max_tokens = 40;
    setup.scenario.workload.synthetic = token_lengths{.a = 300};
    setup.scenario.workload.calibrate = false;
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 500ms;
    return setup;
}

report::source source_of_run(virtual_setup setup, const std::string& name) {
    report::source out{.kind = report::source_kind::run, .name = name};
    out.runs.push_back(run_of(std::move(setup), name));
    const run_setup& about = out.runs.front().summary.setup;
    out.scenario_json = about.scenario_json;
    out.command = workload::command_text("run", out.scenario_json, about.labels).value();
    return out;
}

report::source source_of_sweep(const std::vector<std::uint64_t>& slots, const std::string& fault) {
    report::source out{.kind = report::source_kind::sweep, .name = "sweep1"};
    report::sweep_report& sweep = out.sweep.emplace();
    sweep.plan.loads = {"1x", "2x"};
    for (const std::uint64_t n : slots) {
        for (const bool unified : {true, false}) {
            sweep.plan.variants.push_back({.parallel = n, .unified_kv = unified});
            for (std::uint32_t times = 1; times <= 2; ++times) {
                virtual_setup setup = ordinary_setup({times * static_cast<std::uint32_t>(n)});
                setup.server.engine.parallel = static_cast<std::uint32_t>(n);
                setup.server.engine.unified_kv = unified;
                setup.server.engine.context_length = 100'000;
                if (!fault.empty()) {
                    setup.server.faults = sim::parse_faults(std::vector{fault}).value();
                }
                const std::string below = fmt::format("cells/{:03}", out.runs.size() + 1);
                out.runs.push_back(run_of(std::move(setup), "sweep1/" + below));
                sweep.cells.push_back(
                    {.cell = {sweep.plan.variants.size() - 1, times - 1, 0},
                     .directory = below,
                     .figures = analyze::figures_of(out.runs.back().levels.front(), 40, 1)});
            }
        }
    }
    scenario s = ordinary_setup().scenario;
    s.sweep.parallel = slots;
    s.sweep.unified_kv = {true, false};
    sweep.scenario_json = workload::to_json(s);
    out.scenario_json = sweep.scenario_json;
    out.command = workload::command_text("sweep", out.scenario_json, {}).value();
    return out;
}

}  // namespace test
