#include "cli/selfcheck_plan.hpp"

#include "cli/selfcheck_place.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

cli::settings with(const std::vector<workload::assignment>& flags,
                   const std::vector<std::string>& variables = {}) {
    cli::run_options options;
    options.flags = flags;
    return cli::effective_settings(options, {variables, {}}).value();
}

}  // namespace

TEST_CASE("selfcheck: without a load it is a ladder of streams") {
    const auto settings = with({{"/target/api", "\"openai-chat\"", "--api"}});
    CHECK(cli::is_ladder(settings));
    const auto loads = cli::loads_to_check(settings).value();
    REQUIRE(loads.size() == 4);
    std::vector<std::uint32_t> streams;
    for (const auto& load : loads) streams.push_back(load.streams);
    CHECK(streams == std::vector<std::uint32_t>{16, 256, 1000, 4000});
    CHECK(loads.front().run.target.api == "openai-chat");
    // All of them together in about half a minute.
    nanoseconds all{0};
    for (const auto& load : loads)
        all += load.run.load.warmup_in_effect() + *load.run.load.duration;
    CHECK(all <= 20s);
}

TEST_CASE("selfcheck: the load of the scenario is made, and nothing of its server is asked") {
    const auto settings = with({{"/load/concurrency", "[8, \"2x\"]", "--concurrency"},
                                {"/load/duration", "\"5m\"", "--duration"},
                                {"/workload/max_tokens", "300", "--max-tokens"},
                                {"/server/parallel", "6", "--n-parallel"},
                                {"/target/url", "\"https://far.example\"", "--url"},
                                {"/target/api_token", "\"SECRET-1\"", "--api-token"},
                                {"/target/headers", R"({"K": "SECRET-2"})", "--header"},
                                {"/limits/thresholds", R"(["ttft_ms.p95 < 1"])", "--threshold"}});
    CHECK_FALSE(cli::is_ladder(settings));
    const auto loads = cli::loads_to_check(settings).value();
    REQUIRE(loads.size() == 2);
    CHECK(loads[0].streams == 8);
    CHECK(loads[1].streams == 12);
    const scenario& run = loads[1].run;
    CHECK(run.load.concurrency == std::vector<stream_count>{stream_count{12}});
    CHECK(run.load.duration == 5s);
    CHECK(run.workload.max_tokens == 300);
    CHECK(run.output.events);
    CHECK(run.limits.thresholds.empty());
    CHECK_FALSE(run.server.parallel);
    const std::string text = workload::to_json(run);
    CHECK(text.find("SECRET") == std::string::npos);
    CHECK(text.find("far.example") == std::string::npos);
}

TEST_CASE("selfcheck: an open loop is one, a load for each of its rates") {
    auto settings = with({{"/load/duration", "\"20s\"", "--duration"}});
    settings.values.load.arrivals.rates = {5, 50};
    const auto loads = cli::loads_to_check(settings).value();
    REQUIRE(loads.size() == 2);
    CHECK(loads[0].run.load.arrivals.rates == std::vector<double>{5});
    CHECK(loads[1].run.load.arrivals.rates == std::vector<double>{50});
    CHECK(loads[1].streams == settings.values.load.arrivals.max_in_flight);
    CHECK(loads[1].run.load.duration == 5s);
    settings.values.load.arrivals.rates.clear();
    settings.values.load.arrivals.trace_file = "trace.jsonl";
    const auto trace = cli::loads_to_check(settings).value();
    REQUIRE(trace.size() == 1);
    CHECK(trace[0].run.load.warmup == 0s);
    CHECK(trace[0].run.load.arrivals.trace_file.front() == '/');
}

TEST_CASE("selfcheck: an environment variable says how much load there will be, too") {
    CHECK_FALSE(cli::is_ladder(with({}, {"LMSTRESS_CONCURRENCY=3"})));
}

TEST_CASE("selfcheck: embeddings have no stream to compare") {
    const auto loads =
        cli::loads_to_check(with({{"/target/api", "\"openai-embeddings\"", "--api"}}));
    REQUIRE(loads.has_error());
    CHECK(loads.error().message.find("openai-embeddings has no stream") == 0);
}

TEST_CASE("selfcheck: it is kept where state belongs") {
    CHECK(cli::selfcheck_path({"XDG_STATE_HOME=/s", "HOME=/h"}) == "/s/lmstress/selfcheck.json");
    CHECK(cli::selfcheck_path({"XDG_STATE_HOME=s", "HOME=/h"}) ==
          "/h/.local/state/lmstress/selfcheck.json");
    CHECK(cli::selfcheck_path({}).empty());
}
