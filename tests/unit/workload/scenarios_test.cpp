// The scenarios that people start from: each is read as the program reads it, and run in virtual
// time against the built-in server.

#include "api/request_fields.hpp"
#include "cli/settings.hpp"
#include "support/virtual_run.hpp"
#include "workload/sweep_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

using namespace lmstress;
namespace fs = std::filesystem;

namespace {

std::set<fs::path> scenario_files() {
    std::set<fs::path> files;
    for (const auto& entry : fs::directory_iterator{PROJECT_DIRECTORY "/scenarios"}) {
        if (entry.path().extension() == ".jsonc") files.insert(entry.path());
    }
    return files;
}

scenario read(const fs::path& file) {
    cli::run_options options;
    options.scenario_file = file.string();
    const auto s = cli::effective_settings(options, {});
    if (s.has_error()) FAIL(s.error().message);
    return s->values;
}

}  // namespace

TEST_CASE("scenarios: the fifteen are there") {
    std::set<std::string> names;
    for (const fs::path& file : scenario_files()) names.insert(file.stem().string());
    CHECK(names == std::set<std::string>{"capacity", "chat", "code", "continuous-batching",
                                         "conversations", "extraction", "kv-pool", "kv-stress",
                                         "long-prompts", "open-loop", "quickstart", "shared-prefix",
                                         "soak", "sweep", "trace"});
}

TEST_CASE("scenarios: there are at least 60 prompts, short to 3,000 words") {
    std::set<std::string> all;
    std::size_t longest = 0;
    for (const auto& entry : fs::directory_iterator{PROJECT_DIRECTORY "/scenarios/prompts"}) {
        if (entry.path().extension() != ".jsonl") continue;
        scenario s;
        s.workload.prompts_file = entry.path().string();
        s.workload.salt = salt_mode::none;
        const auto prompts = cli::load_prompts(s).value();
        for (std::size_t k = 0; k < prompts.size(); ++k) {
            const std::string prompt = prompts.at("", 0, k);
            CHECK_MESSAGE(all.insert(prompt).second, "twice: ", prompt.substr(0, 60));
            const auto words = std::count(prompt.begin(), prompt.end(), ' ');
            longest = std::max(longest, static_cast<std::size_t>(words));
        }
    }
    CHECK(all.size() >= 60);
    CHECK(longest > 2'500);
}

TEST_CASE("scenarios: each runs in virtual time, on both APIs, without a failure") {
    for (const fs::path& file : scenario_files()) {
        if (file.stem() == "kv-pool") continue;
        for (const char* api : {"lmstudio", "openai-chat"}) {
            CAPTURE(file);
            CAPTURE(api);
            test::virtual_setup setup;
            setup.scenario = read(file);
            setup.scenario.target.api = api;
            // What a stranger's server has, but for the one that says that it wants more.
            setup.server.engine.context_length = file.stem() == "long-prompts" ? 10'240 : 8192;
            setup.keep_events = false;
            CHECK(api::check_request_fields(api, setup.scenario.request.fields).has_value());
            const auto run = test::run_virtually(setup);
            const load_settings& load = setup.scenario.load;
            REQUIRE(run.summary.levels.size() ==
                    std::max(load.concurrency.size(), load.arrivals.rates.size()));
            for (const level_summary& level : run.summary.levels) {
                CAPTURE(level.setup.concurrency);
                CHECK(level.requests.offered > 0);
                CHECK(level.requests.completed == level.requests.offered);
            }
        }
    }
}

TEST_CASE("scenarios: what is stored of one can be run again, from anywhere") {
    for (const fs::path& file : scenario_files()) {
        CAPTURE(file);
        const scenario s = read(file);
        scenario again;
        REQUIRE(workload::read_scenario(workload::to_json(s), "stored", again).has_value());
        CHECK(workload::to_json(again) == workload::to_json(s));
        CHECK(fs::path{s.workload.prompts_file}.is_absolute() != s.workload.prompts_file.empty());
    }
}

TEST_CASE("scenarios: the KV pool is exhausted where the demand is over the context, not before") {
    test::virtual_setup setup;
    setup.scenario = read(PROJECT_DIRECTORY "/scenarios/kv-pool.jsonc");
    setup.scenario.target.api = "lmstudio";
    const auto run = test::run_virtually(setup);
    REQUIRE(run.summary.levels.size() == 2);
    const auto& half = run.summary.levels[0];
    const auto& full = run.summary.levels[1];
    CHECK(half.requests.completed == half.requests.offered);
    REQUIRE(full.errors.contains("context_exhausted"));
    CHECK(full.errors.at("context_exhausted").count == full.requests.failed);
    CHECK(full.requests.failed > 0);
}

TEST_CASE("scenarios: those of a sweep go over what they say, and the capacity search has an SLO") {
    const auto sweep =
        workload::plan_sweep(read(PROJECT_DIRECTORY "/scenarios/sweep.jsonc"), {}).value();
    CHECK(sweep.variants.size() == 10);
    CHECK(sweep.loads == std::vector<std::string>{"1x", "2x"});
    const scenario stress = read(PROJECT_DIRECTORY "/scenarios/kv-stress.jsonc");
    CHECK(workload::plan_sweep(stress, {})->variants.size() == 4);
    CHECK(stress.limits.max_error_rate == 1);
    const scenario capacity = read(PROJECT_DIRECTORY "/scenarios/capacity.jsonc");
    CHECK(capacity.limits.slo.any());
    CHECK_FALSE(capacity.load.requests.has_value());
}
