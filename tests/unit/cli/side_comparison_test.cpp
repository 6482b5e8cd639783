#include "cli/side_comparison.hpp"

#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

/// Runs of a side, in virtual time, each with a seed of its own.
cli::compared_side side(const char* name, std::uint32_t runs, std::uint64_t seed,
                        std::vector<sim::fault_share> faults = {}) {
    cli::compared_side out{name, {}};
    for (std::uint32_t i = 0; i < runs; ++i) {
        test::virtual_setup setup;
        setup.scenario.load.concurrency = {4};
        setup.scenario.load.duration = 20s;
        setup.scenario.workload.max_tokens = 16;
        setup.scenario.workload.seed = seed + i;
        setup.server.faults = faults;
        cli::stored_run run;
        run.setup.scenario_json = "{}";
        run.exit_code = 0;
        run.levels.push_back(test::virtual_level(setup));
        out.runs.push_back(std::move(run));
    }
    return out;
}

std::vector<std::string> beware_of(const cli::compared_side& a, const cli::compared_side& b) {
    return cli::compare_sides(a, b, 1, {}).beware;
}

}  // namespace

TEST_CASE("compare: of runs that are valid and of requests that did not fail nothing is said") {
    CHECK(beware_of(side("before", 1, 1), side("after", 1, 5)).empty());
}

TEST_CASE("compare: who reads latencies is told first how many requests failed on which side") {
    const auto a = side("before", 2, 1);
    const auto b = side("after", 2, 5, {{.kind = sim::fault::status_500, .rate = 0.25}});
    std::uint64_t offered = 0;
    std::uint64_t failed = 0;
    for (const cli::stored_run& run : b.runs) {
        offered += run.levels.front().summary.requests.offered;
        failed += run.levels.front().summary.requests.failed;
    }
    REQUIRE(failed > 0);
    CHECK(beware_of(a, b) == std::vector<std::string>{
                                 "B: " + std::to_string(failed) + " of " + std::to_string(offered) +
                                 " requests failed or timed out, more than --max-error-rate "
                                 "allows; latencies are of those that "
                                 "did not fail"});
}

TEST_CASE("compare: a run that is not valid is named, with its reason") {
    auto a = side("before", 2, 1);
    server_settings& server = a.runs[1].levels.front().summary.setup.server;
    server.parallel = {.requested = 8, .confirmed = 4, .source = "GET /api/v1/models"};
    const std::string reason =
        "the server runs 4 streams at once and not the 8 that were asked for";
    CHECK(beware_of(a, side("after", 2, 5)) ==
          std::vector<std::string>{"A, run 2 is INVALID: " + reason});
    a.runs.erase(a.runs.begin());
    CHECK(beware_of(side("after", 2, 5), a) == std::vector<std::string>{"B is INVALID: " + reason});
}
