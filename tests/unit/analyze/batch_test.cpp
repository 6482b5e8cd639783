#include "analyze/batch.hpp"

#include "analyze/interference.hpp"
#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

analyze::measured_level level_of(std::uint32_t parallel, std::uint32_t streams, bool unified = true,
                                 std::uint32_t max_tokens = 64) {
    test::virtual_setup setup;
    setup.server.engine.parallel = parallel;
    setup.server.engine.unified_kv = unified;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.concurrency = {streams};
    setup.scenario.load.duration = 60s;
    setup.scenario.output.events = true;
    setup.scenario.workload.max_tokens = max_tokens;
    auto run = test::run_virtually(setup);
    return {std::move(run.summary.levels.at(0)), std::move(run.records)};
}

/// A prompt of 400 tokens is 80 ms of work, and a token of an answer 2.5 ms.
analyze::measured_level long_prompts(const char* api, std::uint32_t parallel, std::uint32_t streams,
                                     std::uint32_t max_tokens) {
    test::virtual_setup setup;
    setup.server.engine.parallel = parallel;
    setup.server.engine.context_length = 1'000'000;
    setup.server.engine.step_base = 2ms;
    setup.server.engine.step_per_stream = 500us;
    setup.server.engine.prefill_per_token = 200us;
    setup.scenario.target.api = api;
    setup.scenario.load.concurrency = {streams};
    setup.scenario.load.duration = 30s;
    setup.scenario.workload.max_tokens = max_tokens;
    setup.scenario.workload.synthetic = token_lengths{.a = 400};
    setup.scenario.workload.calibrate = false;
    auto run = test::run_virtually(setup);
    analyze::measured_level level{std::move(run.summary.levels.at(0)), std::move(run.records)};
    level.summary.setup.server.parallel.requested = parallel;
    return level;
}

}  // namespace

TEST_CASE("occupancy: a step function over the window") {
    const analyze::occupancy o{{{1s, 5s}, {2s, 3s}, {0s, 20s}, {11s, 12s}}, 1s, 11s};
    CHECK(o.most() == 3);
    CHECK(o.mean() == doctest::Approx((10 + 4 + 1) / 10.0));
    CHECK(o.share_with_at_least(1) == doctest::Approx(1));
    CHECK(o.share_with_at_least(2) == doctest::Approx(0.4));
    CHECK(o.share_with_at_least(3) == doctest::Approx(0.1));
    CHECK(o.share_with_at_least(4) == 0);
    REQUIRE(o.steps().size() == 4);
    CHECK(o.steps()[0].at == 1s);
    CHECK(o.steps()[0].n == 2);
    CHECK(o.steps()[3].n == 1);
}

TEST_CASE("batch: the parallelism that the server has is seen where the load shows it") {
    for (const bool unified : {true, false}) {
        for (const std::uint32_t parallel : {1U, 2U, 4U, 8U, 16U}) {
            CAPTURE(unified);
            CAPTURE(parallel);
            const auto shown = analyze::batch_of(level_of(parallel, 2 * parallel, unified)).value();
            CHECK(shown.parallel == parallel);
            CHECK(shown.in_flight_mean == doctest::Approx(2.0 * parallel).epsilon(0.05));
            const auto hidden = analyze::batch_of(level_of(parallel, parallel, unified)).value();
            CHECK_FALSE(hidden.parallel.has_value());
        }
    }
}

TEST_CASE("batch: long prompts with short answers show no parallelism, and never a false one") {
    for (const char* api : {"lmstudio", "openai-chat"}) {
        for (const std::uint32_t parallel : {1U, 2U, 4U, 8U}) {
            for (const std::uint32_t max_tokens : {2U, 8U, 64U}) {
                for (const std::uint32_t streams : {8U, 16U}) {
                    CAPTURE(std::string{api});
                    CAPTURE(parallel);
                    CAPTURE(max_tokens);
                    CAPTURE(streams);
                    const auto b =
                        analyze::batch_of(long_prompts(api, parallel, streams, max_tokens)).value();
                    if (b.parallel) CHECK(*b.parallel == parallel);
                    if (streams < 2 * parallel) CHECK_FALSE(b.parallel.has_value());
                }
            }
        }
    }
}

TEST_CASE("batch: as many clients as there are slots to be show nothing") {
    auto level = level_of(4, 8);
    CHECK(analyze::batch_of(level).value().parallel == 4);
    level.summary.setup.server.parallel.requested = 8;
    CHECK_FALSE(analyze::batch_of(level).value().parallel.has_value());
    level.summary.setup.server.parallel = {.confirmed = 4};
    CHECK(analyze::batch_of(level).value().parallel == 4);
}

TEST_CASE("batch: users that wait in one queue get the same") {
    const auto b = analyze::batch_of(level_of(4, 8)).value();
    CHECK(b.fairness.value() > 0.95);
    CHECK(b.fairness.value() <= 1);
    CHECK_FALSE(analyze::batch_of(level_of(4, 1)).value().fairness.has_value());
}

TEST_CASE("batch: a user who asked and got nothing in the window counts, with no token") {
    auto level = level_of(8, 8);
    CHECK(analyze::batch_of(level)->fairness.value() > 0.95);
    // As of a request that waits from the beginning to the end.
    std::erase_if(level.requests, [](const request_record& r) { return r.worker == 0; });
    CHECK(analyze::batch_of(level)->fairness.value() > 0.95);
    request_record starved;
    starved.worker = 0;
    starved.ended = outcome::censored;
    starved.moments.set(moment::send_start, *level.summary.course.window_begin - 1s);
    starved.cut = *level.summary.course.window_end + 1s;
    level.requests.push_back(starved);
    const double one_starves = analyze::batch_of(level)->fairness.value();
    CHECK(one_starves < 7.0 / 8 + 1e-9);
    CHECK(one_starves > 0.95 * 7.0 / 8);
    // One that was over before the window is not of it.
    level.requests.back().cut = *level.summary.course.window_begin - 500ms;
    CHECK(analyze::batch_of(level)->fairness.value() > 0.95);
}

TEST_CASE("batch: a level without a window has none") {
    auto level = level_of(1, 1);
    level.summary.course.window_begin.reset();
    CHECK_FALSE(analyze::batch_of(level).has_value());
}

TEST_CASE(
    "interference: a prompt makes the gaps of running streams longer by what its step takes") {
    const auto level = level_of(4, 4, true, 32);
    const auto i = analyze::interference_of(level, 1).value();
    CHECK(i.during_ms > i.else_ms);
    CHECK(i.ratio == doctest::Approx(i.during_ms / i.else_ms));
    CHECK(i.ci95->low <= i.ratio);
    CHECK(i.ci95->high >= i.ratio);
    CHECK(i.ci95->low > 1);
}

TEST_CASE(
    "interference: one stream alone has none, and without the times of events nothing is known") {
    CHECK_FALSE(analyze::interference_of(level_of(1, 1), 1).has_value());
    auto level = level_of(4, 4, true, 32);
    for (request_record& r : level.requests) r.event_times.clear();
    CHECK_FALSE(analyze::interference_of(level, 1).has_value());
}
