#include "measure/live_counters.hpp"

#include "measure/recorder.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace std::chrono_literals;
using namespace lmstress;
using measure::live_counters;
using measure::live_plan;
using measure::recorder;

namespace {

constexpr instant run_start = instant{} + 1000s;
const event::text a_token{event::text::kind::answer, "a"};

/// A request that tells the counters, sent at 0 of the run.
struct request {
    explicit request(live_counters& live, run_phase phase = run_phase::measured)
        : rec(record, {.run_start = run_start, .measured = &window, .live = &live}) {
        record.phase = phase;
        rec.set(moment::send_start, run_start);
    }
    void at(nanoseconds t, const stream_event& e) {
        rec.arrived(run_start + t, clock_source::kernel);
        rec.on_frame();
        rec.on_event(e);
    }

    measure::window window = {};
    request_record record;
    recorder rec;
};

live_plan level(std::uint32_t number) {
    return {.level = number, .levels = 2, .streams = 4, .window_begin = 1s, .window_end = 9s};
}

}  // namespace

TEST_CASE("live counters: nothing is shown before anything has begun") {
    live_counters live;
    CHECK_FALSE(live.begun());
    CHECK_FALSE(live.snapshot(1s));
    live.begin_drain(3s);
    CHECK_FALSE(live.begun());
    live.begin_model_load(2s);
    CHECK(live.begun());
    const auto s = live.snapshot(3s);
    REQUIRE(s);
    CHECK(s->taken == 3s);
    CHECK(s->plan.at == live_plan::stage::loading);
    CHECK(s->plan.begin == 2s);
    CHECK_FALSE(s->loaded);
}

TEST_CASE("live counters: requests and their token-bearing events, as they go on") {
    live_counters live;
    live.begin_level(level(1));
    request one{live};
    request two{live, run_phase::warmup};
    CHECK(live.snapshot(1s)->in_flight == 2);
    one.at(10ms, a_token);
    one.at(12ms, a_token);
    two.at(300ms, a_token);
    auto s = live.snapshot(1s);
    CHECK(s->token_events == 3);
    CHECK(s->errors == 0);
    CHECK(s->measured_requests == 0);
    REQUIRE(s->measured_ttft);
    CHECK(s->measured_ttft->p50 == 10'007us);  // the upper edge of the cell
    CHECK(s->measured_ttft->p95 == 10'007us);
    REQUIRE(s->warmup_ttft);
    CHECK(s->warmup_ttft->p50 / 1ms == 300);
    CHECK_FALSE(s->tokens_per_event);

    one.at(13ms, event::usage{.output_tokens = 5});
    one.rec.complete();
    one.rec.finish(200, false);
    two.rec.time_out(phase::gap, instant{});
    two.rec.finish(200, false);
    s = live.snapshot(1s);
    CHECK(s->in_flight == 0);
    CHECK(s->errors == 1);
    CHECK(s->measured_requests == 1);
    CHECK(s->tokens_per_event == 2.5);
}

TEST_CASE("live counters: failures count, and those that were cut do not") {
    live_counters live;
    live.begin_level(level(1));
    request failed{live};
    failed.rec.fail(failure_kind::reset, "gone");
    failed.rec.finish(0, false);
    request cut{live};
    cut.rec.censor(instant{});
    cut.rec.finish(0, false);
    const auto s = live.snapshot(1s);
    CHECK(s->errors == 1);
    CHECK(s->in_flight == 0);
    CHECK(s->measured_requests == 2);
}

TEST_CASE("live counters: a request that is sent again is one in flight") {
    live_counters live;
    live.begin_level(level(1));
    request r{live};
    r.rec.restart();
    CHECK(live.snapshot(1s)->in_flight == 1);
    r.rec.set(moment::send_start, run_start + 5ms);
    r.at(25ms, a_token);
    r.rec.complete();
    r.rec.finish(200, false);
    const auto s = live.snapshot(1s);
    CHECK(s->in_flight == 0);
    CHECK(s->measured_ttft->p50 / 1ms == 20);
}

TEST_CASE("live counters: a level begins with its own figures, and errors are the run's") {
    live_counters live;
    live.begin_level(level(1));
    request r{live};
    r.at(10ms, a_token);
    r.rec.fail(failure_kind::truncated, "cut");
    r.rec.finish(200, false);
    live.begin_drain(30s);
    CHECK(live.snapshot(1s)->plan.at == live_plan::stage::draining);
    CHECK(live.snapshot(1s)->plan.drain_end == 30s);
    CHECK(live.snapshot(1s)->plan.level == 1);
    live.begin_level(level(2));
    const auto s = live.snapshot(1s);
    CHECK(s->plan.level == 2);
    CHECK(s->plan.at == live_plan::stage::running);
    CHECK_FALSE(s->measured_ttft);
    CHECK(s->measured_requests == 0);
    CHECK(s->errors == 1);
    CHECK(s->token_events == 1);
}

TEST_CASE("live counters: quantiles are those of the histogram, and any time has a cell") {
    live_counters live;
    live.begin_level(level(1));
    dense_histogram expected;
    for (int ms = 1; ms <= 1000; ++ms) {
        live.first_token(run_phase::measured, ms * 1ms);
        expected.record(ms * 1ms);
    }
    CHECK(live.snapshot(1s)->measured_ttft->p50 == expected.percentile(50));
    CHECK(live.snapshot(1s)->measured_ttft->p95 == expected.percentile(95));
    live.begin_level(level(2));
    live.first_token(run_phase::measured, 1000h);
    live.first_token(run_phase::measured, -1s);
    const auto ttft = live.snapshot(1s)->measured_ttft;
    CHECK(ttft->p50 == 0s);
    CHECK(ttft->p95 / 1us == histogram_layout::limit_us);
}

TEST_CASE("live counters: how far a model is loaded, as the server tells it") {
    using load = event::load_progress;
    live_counters live;
    live.begin_model_load(0s);
    request r{live, run_phase::warmup};
    r.at(1ms, load{load::step::start});
    CHECK(live.snapshot(1s)->loaded == 0.0);
    r.at(2ms, load{load::step::progress, 0.25});
    CHECK(live.snapshot(1s)->loaded == 0.25);
    r.at(3ms, load{load::step::end});
    CHECK(live.snapshot(1s)->loaded == 1.0);
}

TEST_CASE(
    "live counters: who looks while levels change never sees one level's figures in another") {
    live_counters live;
    std::atomic<bool> over = false;
    std::atomic<std::uint64_t> looks = 0;
    std::uint64_t mixed = 0;
    std::thread reader{[&] {
        while (!over) {
            const auto s = live.snapshot(0s);
            if (!s) continue;
            ++looks;
            // Each level has as many requests as its number says, and a TTFT of as many ms.
            if (s->measured_requests > s->plan.level) ++mixed;
            if (s->measured_ttft && s->measured_ttft->p95 / 1ms != s->plan.level) ++mixed;
        }
    }};
    for (std::uint32_t number = 1; number <= 200; ++number) {
        live.begin_level(level(number));
        request_record ended;
        for (std::uint32_t i = 0; i < number; ++i) {
            live.request_began();
            live.first_token(run_phase::measured, number * 1ms);
            live.request_ended(ended);
        }
        live.begin_drain(0s);
        for (const std::uint64_t before = looks; looks == before;) std::this_thread::yield();
    }
    over = true;
    reader.join();
    CHECK(mixed == 0);
}
