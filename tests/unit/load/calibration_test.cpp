// The lengths of made-up prompts, by the counts of the simulated server.

#include "report/warnings.hpp"
#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

test::virtual_setup asking(const std::string& api, const token_lengths& lengths) {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.server.characters_per_token = 2.7;  // four is what is guessed
    setup.scenario.target.api = api;
    setup.scenario.workload.synthetic = lengths;
    setup.scenario.workload.max_tokens = 4;
    setup.scenario.load.requests = 40;
    return setup;
}

std::vector<const request_record*> measured(const test::virtual_result& run) {
    std::vector<const request_record*> out;
    for (const request_record& r : run.records) {
        if (r.phase == run_phase::measured) out.push_back(&r);
    }
    return out;
}

bool any_warning(const test::virtual_result& run, const std::string& words) {
    const auto all = report::warnings(run.summary);
    return std::any_of(all.begin(), all.end(), [&](const std::string& sentence) {
        return sentence.find(words) != std::string::npos;
    });
}

const std::vector<std::string> every_api = {
    "lmstudio",           "openai-chat", "openai-completions", "openai-responses",
    "anthropic-messages", "ollama",      "lmstudio-v0",        "lmstudio-sdk"};

}  // namespace

TEST_CASE("calibration: half of all prompts are within 5 % of what was asked, on every API") {
    for (const std::string& api : every_api) {
        for (const double asked : {64.0, 512.0, 8000.0}) {
            CAPTURE(api);
            CAPTURE(asked);
            const auto run = test::run_virtually(asking(api, {.a = asked}));
            const level_summary& level = run.summary.levels.front();
            REQUIRE(level.lengths);
            CHECK(level.lengths->requests == 40);
            CHECK(level.lengths->asked_p50 == asked);
            CHECK(level.lengths->achieved_p50 == doctest::Approx(asked).epsilon(0.05));
            std::vector<std::uint64_t> counted;
            for (const request_record* r : measured(run)) counted.push_back(*r->input_tokens);
            std::sort(counted.begin(), counted.end());
            CHECK(static_cast<double>(counted[19]) == level.lengths->achieved_p50);
            REQUIRE(level.setup.calibration);
            CHECK(level.setup.calibration->requests == 6);
            CHECK_FALSE(any_warning(run, "were asked for"));
        }
    }
}

TEST_CASE(
    "calibration: without it the prompts are far from what was asked, and a warning says so") {
    auto setup = asking("lmstudio", {.a = 512});
    setup.scenario.workload.calibrate = false;
    const auto run = test::run_virtually(setup);
    CHECK(run.records.size() == 40);
    CHECK(run.summary.levels.front().lengths->ratio_p50 > 1.4);
    CHECK(any_warning(run, "tokens where 512 were asked for"));
}

TEST_CASE("calibration: lengths that differ keep their law, request by request") {
    const auto run = test::run_virtually(
        asking("openai-chat", {.follows = token_lengths::law::lognormal, .a = 512, .b = 0.6}));
    CHECK(run.summary.levels.front().lengths->ratio_p50 == doctest::Approx(1).epsilon(0.03));
    for (const request_record* r : measured(run)) {
        const double ratio =
            static_cast<double>(*r->input_tokens) / static_cast<double>(*r->asked_tokens);
        CHECK(ratio == doctest::Approx(1).epsilon(0.15));
    }
}

TEST_CASE("calibration: a system prompt is part of the length, and one that is longer is named") {
    auto setup = asking("lmstudio", {.a = 512});
    setup.scenario.workload.system_prompt = std::string(540, 'x');  // 200 tokens
    const auto run = test::run_virtually(setup);
    CHECK(run.summary.levels.front().lengths->achieved_p50 == doctest::Approx(512).epsilon(0.03));
    setup.scenario.workload.system_prompt = std::string(5400, 'x');
    const auto too_long = test::run_virtually(setup);
    CHECK(any_warning(too_long, "the system prompt and the like alone have 20"));
}

TEST_CASE("calibration: it goes before the first level, as part of its warm-up, and once") {
    auto setup = asking("lmstudio", {.a = 512});
    setup.scenario.load.concurrency = {2U, 4U};
    setup.scenario.load.requests.reset();
    setup.scenario.load.duration = 20s;
    setup.scenario.load.warmup = 2s;
    const auto run = test::run_virtually(setup);
    std::size_t alone = 0;
    for (const request_record& r : run.records) {
        if (r.asked_tokens) continue;
        ++alone;
        CHECK(r.level == 0);
        CHECK(r.phase == run_phase::warmup);
        CHECK(r.output_tokens == 1);
    }
    CHECK(alone == 6);
    REQUIRE(run.summary.levels.size() == 2);
    for (const level_summary& level : run.summary.levels) {
        CHECK(level.lengths->achieved_p50 == doctest::Approx(512).epsilon(0.03));
    }
    CHECK(run.summary.levels[0].setup.calibration == run.summary.levels[1].setup.calibration);
}

TEST_CASE("calibration: of a conversation the first turn has the length") {
    auto setup = asking("openai-chat", {.a = 300});
    setup.scenario.workload.conversation.turns = 3;
    const auto run = test::run_virtually(setup);
    for (const request_record* r : measured(run)) {
        REQUIRE(r->turn);
        CHECK(r->asked_tokens.has_value() == (r->turn->turn == 0));
        if (r->turn->turn == 0) {
            CHECK(static_cast<double>(*r->input_tokens) == doctest::Approx(300).epsilon(0.15));
        }
    }
    CHECK(run.summary.levels.front().lengths->achieved_p50 == doctest::Approx(300).epsilon(0.03));
}

TEST_CASE("calibration: LM Studio counts no tokens of embeddings, and it is said") {
    auto setup = asking("openai-embeddings", {.a = 100});
    setup.scenario.workload.inputs_each = 5;
    const auto run = test::run_virtually(setup);
    const level_summary& level = run.summary.levels.front();
    REQUIRE(level.lengths);
    CHECK(level.lengths->requests == 0);
    CHECK_FALSE(level.setup.calibration);
    CHECK(any_warning(run, "the server counts no prompt tokens"));
}

TEST_CASE("calibration: each API has a law of its own") {
    const auto run = test::run_virtually(asking("openai-chat,openai-completions", {.a = 64}));
    REQUIRE(run.summary.levels.size() == 2);
    const auto law = [&](std::size_t i) { return *run.summary.levels[i].setup.calibration; };
    CHECK(law(0).overhead > law(1).overhead + 5);  // the template
    for (const level_summary& level : run.summary.levels) {
        CHECK(level.lengths->achieved_p50 == doctest::Approx(64).epsilon(0.05));
    }
}

TEST_CASE("calibration: the same seed and the same counts give the same prompts") {
    auto setup = asking("lmstudio", {.a = 512});
    setup.scenario.workload.salt = salt_mode::seed;
    const auto once = test::run_virtually(setup);
    const auto again = test::run_virtually(setup);
    REQUIRE(once.records.size() == again.records.size());
    CHECK(once.records == again.records);
    setup.scenario.load.concurrency = {4U};  // another order of events, the same counts
    CHECK(test::run_virtually(setup).summary.levels.front().setup.calibration ==
          once.summary.levels.front().setup.calibration);
}

TEST_CASE("calibration: where its first request shows that none can succeed, it ends the run") {
    auto setup = asking("lmstudio", {.a = 512});
    setup.server.api_token = "needed";
    const auto run = test::run_virtually(setup);
    CHECK(run.hopeless);
    CHECK(run.records.size() == 1);
}

TEST_CASE("calibration: a request that fails ends it, and the load goes on with a guess") {
    auto setup = asking("openai-chat", {.a = 64});
    setup.server.faults = {{sim::fault::status_500, 1.0}};
    const auto run = test::run_virtually(setup);
    CHECK_FALSE(run.summary.levels.front().setup.calibration);
    CHECK(run.summary.levels.front().requests.offered == 40);
    CHECK(run.records.size() == 41);
}

TEST_CASE("calibration: a Ctrl-C ends it after the request under way") {
    auto setup = asking("lmstudio", {.a = 4000});
    setup.server.engine.prefill_per_token = 10ms;
    setup.interrupts = {200ms};
    const auto run = test::run_virtually(setup);
    CHECK(run.records.size() == 2);
    CHECK(run.records.back().ended == outcome::completed);
    CHECK(run.summary.levels.front().requests.offered == 0);
}
