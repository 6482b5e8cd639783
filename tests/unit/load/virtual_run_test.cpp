// The load in virtual time against the built-in engine, where every figure is known exactly.

#include "support/virtual_run.hpp"

#include "support/sanitized.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

test::virtual_setup setup_of(std::vector<stream_count> concurrency, nanoseconds duration) {
    test::virtual_setup s;
    s.scenario.load.concurrency = std::move(concurrency);
    s.scenario.load.duration = duration;
    s.scenario.workload.max_tokens = 32;
    s.scenario.workload.salt = salt_mode::seed;
    s.scenario.output.events = true;
    return s;
}

nanoseconds of(const request_record& r, moment m) {
    const auto at = r.moments.get(m);
    REQUIRE(at);
    return *at;
}

}  // namespace

TEST_CASE("virtual run: the summary's TTFT is that of the engine's formula") {
    auto setup = setup_of({1}, 30s);
    setup.scenario.workload.prompt = "unused: the built-in prompts are taken";
    const auto result = test::run_virtually(setup);
    const auto& engine = setup.server.engine;
    for (const request_record& r : result.records) {
        // Alone on an idle engine: T(0, P) = base + P * per token, in one chunk.
        REQUIRE(*r.input_tokens <= engine.prefill_chunk);
        const nanoseconds expected =
            engine.step_base +
            engine.prefill_per_token * static_cast<std::int64_t>(*r.input_tokens);
        CHECK(r.moments.between(moment::send_start, moment::first_token) == expected);
        CHECK(r.server_ttft_ms == doctest::Approx(static_cast<double>(expected.count()) / 1e6));
    }
    // And a token each T(1, 0) = 13 ms.
    CHECK(result.summary.levels[0].metric("event_gap_ms")->min == 13.0);
    CHECK(result.summary.levels[0].metric("event_gap_ms")->max == 13.0);
    CHECK(result.summary.levels[0].metric("stream_tokens_per_second")->p50 ==
          doctest::Approx(1000.0 / 13.0));
}

TEST_CASE("virtual run: the wait for a slot shows as queue time and as TTFT") {
    const auto result = test::run_virtually(setup_of({4, 8}, 60s));
    const auto& fits = result.summary.levels[0];
    const auto& waits = result.summary.levels[1];
    // A request of the first level waits at most for the step that is under way.
    CHECK(fits.metric("queue_ms")->p50 < 50);
    // In the second, half of the eight are always waiting for about one request's length.
    CHECK(waits.metric("queue_ms")->p50 > 400);
    CHECK(waits.metric("ttft_ms")->p50 > waits.metric("queue_ms")->p50);
    // More streams than slots bring no more tokens.
    CHECK(waits.output_tokens_per_second ==
          doctest::Approx(fits.output_tokens_per_second).epsilon(0.05));
}

TEST_CASE("virtual run: an hour of 64 users in under 5 seconds, and repeatable to the byte") {
    auto setup = setup_of({64}, 1h);
    setup.keep_events = false;
    setup.scenario.output.events = false;
    setup.scenario.workload.max_tokens = 128;
    const auto began = std::chrono::steady_clock::now();
    const auto result = test::run_virtually(setup);
    const auto took = std::chrono::steady_clock::now() - began;
    MESSAGE("an hour of 64 users: ", std::chrono::duration<double>(took).count(), " s, ",
            result.events, " events");
    CHECK(result.summary.levels[0].requests.completed > 6000);
    CHECK(result.summary.levels[0].window_seconds == 3600);
    CHECK(result.events > 800'000);
    if (!test::sanitized) CHECK(took < 5s);
}

TEST_CASE("virtual run: the same seed gives the same records") {
    const auto once = test::run_virtually(setup_of({3, 7}, 20s));
    const auto again = test::run_virtually(setup_of({3, 7}, 20s));
    CHECK(once.records == again.records);
    auto other = setup_of({3, 7}, 20s);
    other.scenario.workload.seed = 2;
    CHECK_FALSE(test::run_virtually(other).records == once.records);
}

TEST_CASE("virtual run: window, warm-up and drain") {
    auto setup = setup_of({8}, 10s);
    setup.scenario.load.warmup = 4s;
    const auto result = test::run_virtually(setup);
    const auto& level = result.summary.levels[0];
    CHECK(level.course.window_begin == nanoseconds{4s});
    CHECK(level.course.window_end == nanoseconds{14s});
    std::uint64_t measured = 0;
    std::uint64_t events_in_window = 0;
    for (const auto& r : result.records) {
        const nanoseconds sent = of(r, moment::send_start);
        CHECK((r.phase == run_phase::measured) == (sent >= 4s));
        CHECK(sent < 14s);
        measured += r.phase == run_phase::measured;
        for (const auto t : r.event_times) events_in_window += t >= 4s && t < 14s;
    }
    CHECK(level.requests.offered == measured);
    // Tokens of warm-up requests that arrived in the window count, those of the drain do not.
    CHECK(level.output_tokens_per_second ==
          doctest::Approx(static_cast<double>(events_in_window) / 10.0));
    // Started over the warm-up: worker i at 4 s * i / 8.
    std::set<std::uint32_t> seen;
    for (const auto& r : result.records) {
        if (r.connection_reused) continue;  // not the worker's first
        CHECK(of(r, moment::intended) == 500ms * r.worker);
        seen.insert(r.worker);
    }
    CHECK(seen.size() == 8);
}

TEST_CASE("virtual run: a number of requests ends the window when the last one has been sent") {
    auto setup = setup_of({4}, 0s);
    setup.scenario.load.requests = 50;
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() == 50);
    nanoseconds last_sent{0};
    std::set<std::uint64_t> indices;
    for (const auto& r : result.records) {
        last_sent = std::max(last_sent, of(r, moment::send_end));
        indices.insert(r.index);
        CHECK(r.phase == run_phase::measured);
    }
    CHECK(*indices.begin() == 0);
    CHECK(*indices.rbegin() == 49);
    CHECK(result.summary.levels[0].course.window_begin == 0ns);
    CHECK(result.summary.levels[0].course.window_end == last_sent);
    CHECK(result.summary.levels[0].requests.completed == 50);
}

TEST_CASE("virtual run: think time passes between an answer and the next request") {
    auto setup = setup_of({2}, 20s);
    setup.scenario.load.think_time = 3s;
    const auto result = test::run_virtually(setup);
    std::map<std::uint32_t, const request_record*> last;
    for (const auto& r : result.records) {
        if (const auto* before = last[r.worker]) {
            CHECK(of(r, moment::intended) == of(*before, moment::end) + 3s);
        }
        last[r.worker] = &r;
    }
    CHECK(result.records.size() >= 8);
}

TEST_CASE("virtual run: Ctrl-C once ends the window and lets requests in flight end") {
    auto setup = setup_of({4, 8}, 60s);
    setup.scenario.load.warmup = 0s;
    setup.interrupts = {10s};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.summary.levels.size() == 1);  // the second level is not begun
    const auto& level = result.summary.levels[0];
    CHECK(level.course.window_end == nanoseconds{10s});
    CHECK(level.requests.completed == level.requests.offered);
    for (const auto& r : result.records) CHECK(of(r, moment::send_start) <= 10s);
}

TEST_CASE("virtual run: Ctrl-C twice cuts them, and they are censored") {
    auto setup = setup_of({4}, 60s);
    setup.scenario.load.warmup = 0s;
    setup.interrupts = {10s, 10100ms};
    const auto result = test::run_virtually(setup);
    const auto& counts = result.summary.levels[0].requests;
    CHECK(counts.censored == 4);
    CHECK(counts.add_up());
    CHECK(counts.offered == result.records.size());
}

TEST_CASE("virtual run: Ctrl-C in the warm-up leaves no window and no figure") {
    auto setup = setup_of({4}, 60s);
    setup.scenario.load.warmup = 20s;
    setup.interrupts = {5s};
    const auto result = test::run_virtually(setup);
    const auto& level = result.summary.levels[0];
    CHECK_FALSE(level.course.window_begin);
    CHECK(level.requests.offered == 0);
    CHECK(level.metric("ttft_ms") == nullptr);
    CHECK_FALSE(result.records.empty());
}

TEST_CASE("virtual run: what is in flight when the grace is over is censored") {
    auto setup = setup_of({16}, 10s);
    setup.scenario.load.grace = 500ms;
    setup.scenario.workload.max_tokens = 128;
    const auto result = test::run_virtually(setup);
    const auto& counts = result.summary.levels[0].requests;
    CHECK(counts.censored > 0);
    CHECK(counts.add_up());
    for (const auto& r : result.records) {
        if (r.ended == outcome::censored) CHECK_FALSE(r.moments.has(moment::end));
    }
}

TEST_CASE("virtual run: a full pool fails its requests, whatever the API says it by") {
    for (const char* api : {"lmstudio", "openai-chat", "openai-completions", "openai-responses",
                            "lmstudio-v0", "lmstudio-v0-completions"}) {
        CAPTURE(api);
        auto setup = setup_of({4}, 20s);
        setup.scenario.target.api = api;
        setup.scenario.workload.max_tokens = 400;
        setup.server.engine.context_length = 1200;
        const auto result = test::run_virtually(setup);
        const auto& level = result.summary.levels[0];
        CHECK(level.requests.failed > 0);
        CHECK(level.requests.add_up());
        REQUIRE(level.errors.contains("context_exhausted"));
        CHECK(level.errors.at("context_exhausted").count == level.requests.failed);
    }
}

TEST_CASE("virtual run: a prompt over the context fails as such") {
    auto setup = setup_of({1}, 5s);
    setup.server.engine.context_length = 24;
    const auto result = test::run_virtually(setup);
    CHECK(result.summary.levels[0].errors.contains("prompt_too_long"));
}

TEST_CASE("virtual run: deadlines, each in its phase") {
    struct row {
        const char* what;
        deadline_settings d;
        const char* kind;
    };
    deadline_settings first_token;
    first_token.first_token = 10ms;  // a step takes 12 ms at least
    deadline_settings gap;
    gap.gap = 5ms;
    deadline_settings whole;
    whole.whole = 100ms;
    for (const row& r : {row{"first token", first_token, "timeout_first_token"},
                         row{"gap", gap, "timeout_gap"}, row{"whole", whole, "timeout_whole"}}) {
        CAPTURE(r.what);
        auto setup = setup_of({1}, 2s);
        setup.scenario.deadlines = r.d;
        const auto result = test::run_virtually(setup);
        const auto& level = result.summary.levels[0];
        CHECK(level.requests.timed_out == level.requests.offered);
        CHECK(level.requests.offered > 0);
        CHECK(level.errors.contains(r.kind));
    }
}

TEST_CASE(
    "virtual run: the JIT race of a cold server, and the load in no latency metric but TTFT") {
    auto setup = setup_of({2}, 20s);
    setup.server.cold = true;
    setup.scenario.load.warmup = 0s;
    const auto result = test::run_virtually(setup);
    std::set<std::string> instances;
    for (const auto& r : result.records) instances.insert(r.answered_by);
    CHECK(instances == std::set<std::string>{"qwen/qwen3-4b", "qwen/qwen3-4b:2"});
    const auto& level = result.summary.levels[0];
    REQUIRE(level.metric("load_ms") != nullptr);
    CHECK(level.metric("load_ms")->count == 2);
    CHECK(level.metric("load_ms")->p50 == 2000.0);
    CHECK(level.metric("queue_ms")->max < 100);  // the load is not called a queue
    CHECK(level.requests.model_mismatch == 0);
}

TEST_CASE(
    "virtual run: on a cold server one request goes alone, and 16 workers find one instance") {
    auto setup = setup_of({16, 4}, 10s);
    setup.server.cold = true;
    setup.load_first = true;
    const auto result = test::run_virtually(setup);
    for (const auto& r : result.records) CHECK(r.answered_by == "qwen/qwen3-4b");
    const request_record& alone = result.records.front();
    CHECK(alone.index == 0);
    CHECK(alone.phase == run_phase::warmup);
    CHECK(alone.moments.between(moment::load_start, moment::load_end) == nanoseconds{2s});
    for (const auto& r : result.records) {
        if (r.index > 0) CHECK(of(r, moment::intended) >= of(alone, moment::end));
    }
    REQUIRE(result.summary.levels.size() == 2);
    CHECK(result.summary.levels[0].metric("load_ms")->p50 == 2000.0);
    CHECK(result.summary.levels[0].metric("ttft_ms")->max < 10'000);
    CHECK(result.summary.levels[1].metric("load_ms") == nullptr);
}

TEST_CASE("virtual run: Ctrl-C while the model loads, once and twice") {
    auto setup = setup_of({4}, 10s);
    setup.server.cold = true;
    setup.load_first = true;
    setup.interrupts = {1s};
    const auto once = test::run_virtually(setup);
    REQUIRE(once.records.size() == 1);
    CHECK(once.records[0].ended == outcome::completed);
    CHECK(once.summary.levels[0].requests.offered == 0);
    setup.interrupts = {1s, 1500ms};
    const auto twice = test::run_virtually(setup);
    REQUIRE(twice.records.size() == 1);
    CHECK(twice.records[0].ended == outcome::censored);
}

TEST_CASE("virtual run: a live view sees warm-up, window and drain, and the summary's TTFT") {
    using stage = measure::live_plan::stage;
    auto setup = setup_of({2, 4}, 20s);
    setup.looks = {1s, 2s, 21'990ms, 22'100ms};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.looks.size() == 4);
    for (const auto& look : result.looks) REQUIRE(look);
    const auto& warmup = *result.looks[0];
    CHECK(warmup.plan.at == stage::running);
    CHECK(warmup.plan.level == 1);
    CHECK(warmup.plan.levels == 2);
    CHECK(warmup.plan.streams == 2);
    CHECK(warmup.plan.window_begin == 2s);
    CHECK(warmup.plan.window_end == 22s);
    CHECK_FALSE(warmup.plan.wanted_requests);
    CHECK(warmup.warmup_ttft);
    CHECK_FALSE(warmup.measured_ttft);
    CHECK(warmup.in_flight == 1);  // the second worker starts in the middle of the warm-up
    CHECK(result.looks[1]->in_flight == 2);
    const auto& window = *result.looks[2];
    CHECK(window.in_flight == 2);
    CHECK(window.token_events > warmup.token_events);
    CHECK(window.tokens_per_event == 1.0);
    CHECK(window.errors == 0);
    const auto& drain = *result.looks[3];
    CHECK(drain.plan.at == stage::draining);
    CHECK(drain.plan.drain_end == 22s + setup.scenario.load.grace);
    REQUIRE(drain.measured_ttft);
    const distribution* ttft = result.summary.levels[0].metric("ttft_ms");
    REQUIRE(ttft != nullptr);
    const auto ms = [](nanoseconds t) {
        return std::chrono::duration<double, std::milli>{t}.count();
    };
    CHECK(ms(drain.measured_ttft->p50) == doctest::Approx(ttft->p50).epsilon(0.001));
    CHECK(ms(drain.measured_ttft->p95) == doctest::Approx(ttft->p95).epsilon(0.001));
}

TEST_CASE("virtual run: a live view sees a model load, and requests that are counted") {
    using stage = measure::live_plan::stage;
    auto setup = setup_of({4}, 0s);
    setup.scenario.load.requests = 40;
    setup.server.cold = true;
    setup.server.load_seconds = 4;
    setup.load_first = true;
    setup.looks = {1ns, 3s, 8s};
    const auto result = test::run_virtually(setup);
    CHECK(result.looks[0]->plan.at == stage::loading);
    CHECK(result.looks[0]->in_flight == 1);
    CHECK(result.looks[1]->plan.at == stage::loading);
    CHECK(result.looks[1]->loaded == 0.0);  // this server says no more until it is done
    const auto& counted = *result.looks[2];
    CHECK(counted.plan.at == stage::running);
    CHECK(counted.plan.begin > 4s);
    CHECK(counted.plan.wanted_requests == 40);
    CHECK_FALSE(counted.plan.window_end);
    CHECK(counted.in_flight == 4);
    const auto ended = static_cast<std::uint64_t>(
        std::count_if(result.records.begin(), result.records.end(), [](const request_record& r) {
            return r.phase == run_phase::measured && of(r, moment::end) < 8s;
        }));
    CHECK(counted.measured_requests == ended);
    CHECK(ended > 4);
}
