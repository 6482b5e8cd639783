#include "analyze/request_phases.hpp"

#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

test::virtual_setup setup_of(std::uint32_t parallel, std::uint32_t streams) {
    test::virtual_setup setup;
    setup.server.engine.parallel = parallel;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.concurrency = {streams};
    setup.scenario.load.duration = 30s;
    setup.scenario.workload.max_tokens = 32;
    return setup;
}

double ms(nanoseconds d) {
    return static_cast<double>(d.count()) / 1e6;
}

}  // namespace

TEST_CASE("phases: what a request took is laid end to end") {
    const auto level = test::virtual_level(setup_of(2, 6));
    const auto all = analyze::phases_of(level);
    REQUIRE(all.size() > 50);
    for (const auto& p : all) {
        const auto r = std::find_if(level.requests.begin(), level.requests.end(),
                                    [&](const auto& one) { return one.index == p.index; });
        CHECK(p.whole() == *r->moments.between(moment::send_start, moment::last_token));
        CHECK(p.unknown == 0ns);
    }
    const auto mean = analyze::mean_of(all).value();
    CHECK(mean.requests == all.size());
    // Four of six wait: two thirds of the time that all of them take.
    CHECK(mean.queue_ms == doctest::Approx(2 * (mean.prefill_ms + mean.decode_ms)).epsilon(0.15));
    const auto alone = analyze::mean_of(analyze::phases_of(test::virtual_level(setup_of(2, 1))));
    CHECK(alone->queue_ms < 1);
}

TEST_CASE("phases: the load of a model is a part of its own") {
    request_record r;
    r.moments.set(moment::send_start, 1s);
    r.moments.set(moment::load_start, 1100ms);
    r.moments.set(moment::load_end, 4100ms);
    r.moments.set(moment::prefill_start, 4200ms);
    r.moments.set(moment::first_token, 4500ms);
    r.moments.set(moment::last_token, 6s);
    const auto p = analyze::phases_of(r, 1s).value();
    CHECK(p.begin == 0s);
    CHECK(ms(p.queue) == doctest::Approx(200));
    CHECK(ms(p.load) == doctest::Approx(3000));
    CHECK(ms(p.prefill) == doctest::Approx(300));
    CHECK(ms(p.decode) == doctest::Approx(1500));
    r.moments.clear(moment::prefill_start);
    CHECK(ms(analyze::phases_of(r, 1s)->unknown) == doctest::Approx(400));
    r.moments.clear(moment::first_token);
    CHECK_FALSE(analyze::phases_of(r, 1s).has_value());
}

TEST_CASE("phases: means are over the requests that tell of themselves, as long as most do") {
    const analyze::request_phases told{.queue = 10ms, .prefill = 20ms, .decode = 100ms};
    const analyze::request_phases untold{.decode = 200ms, .unknown = 50ms};
    const auto most = analyze::mean_of({told, told, told, untold}).value();
    CHECK(most.requests == 3);
    CHECK(most.of == 4);
    CHECK(most.queue_ms == doctest::Approx(10));
    CHECK(most.prefill_ms == doctest::Approx(20));
    CHECK(most.decode_ms == doctest::Approx(100));
    CHECK(most.unknown_ms == 0);
    const auto few = analyze::mean_of({told, untold, untold}).value();
    CHECK(few.requests == 2);
    CHECK(few.of == 3);
    CHECK(few.queue_ms == 0);
    CHECK(few.decode_ms == doctest::Approx(200));
    CHECK(few.unknown_ms == doctest::Approx(50));
    CHECK_FALSE(analyze::mean_of({}).has_value());
}

TEST_CASE("prefill by depth: the engine's own speed, at every depth") {
    test::virtual_setup setup = setup_of(1, 1);
    setup.scenario.workload.synthetic = token_lengths{.a = 4000};
    setup.scenario.workload.calibrate = false;
    const auto level = test::virtual_level(setup);
    const auto speeds = analyze::prefill_by_depth(level);
    REQUIRE(speeds.size() >= 4);
    // A step of 512 prompt tokens takes step_base + 512 * prefill_per_token.
    const double step = 0.012 + 512 * 0.00025;
    for (const auto& s : speeds) {
        CAPTURE(s.from);
        if (s.from >= 512 && s.from < 2048) {
            CHECK(s.tokens_per_second == doctest::Approx(512 / step).epsilon(0.05));
        }
    }
    CHECK(speeds.front().from < 512);
}

TEST_CASE("prefill by depth: whole prompts where the server tells no more") {
    test::virtual_setup setup = setup_of(1, 1);
    auto level = test::virtual_level(setup);
    for (request_record& r : level.requests) r.prefill.clear();
    const auto speeds = analyze::prefill_by_depth(level);
    REQUIRE_FALSE(speeds.empty());
    CHECK(speeds.front().tokens_per_second > 100);
    for (request_record& r : level.requests) r.moments.clear(moment::prefill_start);
    CHECK(analyze::prefill_by_depth(level).empty());
}
