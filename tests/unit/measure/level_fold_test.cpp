#include "measure/level_fold.hpp"

#include "report/summary_json.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using test::completed_record;

namespace {

const level_course ten_seconds{.window_begin = 0s, .window_end = 10s};

level_summary fold(const std::vector<request_record>& records,
                   const level_course& course = ten_seconds) {
    measure::level_fold f{test::level_setup_of(0)};
    for (const auto& r : records) f.add(r);
    return f.result(course);
}

/// The one value of a metric that one record gives; -1 where it gives none.
double value_of(const request_record& r, std::string_view metric) {
    const level_summary s = fold({r});
    const distribution* d = s.metric(metric);
    if (d == nullptr) return -1;
    CHECK(d->count == 1);
    CHECK(d->min == d->max);
    return d->p50;
}

/// Sent at 1 s; its tokens at 1.5, 1.7 and 2.1 s.
request_record ordinary() {
    return completed_record(1s, {1500ms, 1700ms, 2100ms});
}

request_record with(request_record r, moment m, nanoseconds at) {
    r.moments.set(m, at);
    return r;
}

request_record ended(outcome how) {
    request_record r = ordinary();
    r.ended = how;
    return r;
}

request_record failed(failure_kind kind, int status, const std::string& message) {
    request_record r = ended(outcome::failed);
    r.error = request_error{.kind = kind, .http_status = status, .message = message};
    return r;
}

std::string as_text(const level_summary& s) {
    run_summary run;
    run.setup.scenario_json = "{}";
    run.levels.push_back(s);
    return report::summary_json(run);
}

}  // namespace

TEST_CASE("level_fold: what was answered from memory is counted, and in no figure") {
    request_record remembered = ordinary();
    remembered.from_cache = true;
    request_record in_warmup = remembered;
    in_warmup.phase = run_phase::warmup;
    const auto summary = [](const level_summary& level) {
        run_summary run;
        run.levels = {level};
        return report::summary_json(run);
    };
    level_summary with_them = fold({ordinary(), remembered, in_warmup});
    CHECK(with_them.requests.from_cache == 1);
    with_them.requests.from_cache = 0;
    CHECK(summary(with_them) == summary(fold({ordinary()})));
}

TEST_CASE("level_fold: times from the send, and from when the schedule wanted it") {
    request_record r = with(ordinary(), moment::intended, 600ms);
    r.moments.set(moment::first_answer, 1700ms);
    r.moments.set(moment::headers, 1100ms);
    r.moments.set(moment::first_event, 1200ms);
    r.moments.set(moment::end, 2200ms);
    CHECK(value_of(r, "headers_ms") == 100);
    CHECK(value_of(r, "first_event_ms") == 200);
    CHECK(value_of(r, "ttft_ms") == 500);
    CHECK(value_of(r, "ttft_intended_ms") == 900);
    CHECK(value_of(r, "ttfa_ms") == 700);
    CHECK(value_of(r, "e2e_ms") == 1200);
    CHECK(value_of(r, "e2e_intended_ms") == 1600);
}

TEST_CASE("level_fold: connecting counts only where a connection was made") {
    CHECK(value_of(ordinary(), "connect_ms") == -1);
    request_record r = with(ordinary(), moment::connect_start, 900ms);
    r.moments.set(moment::connect_end, 925ms);
    CHECK(value_of(r, "connect_ms") == 25);
}

TEST_CASE("level_fold: queue time is what passed before the prefill, less loading the model") {
    request_record r = with(ordinary(), moment::prefill_start, 1400ms);
    r.moments.set(moment::send_end, 1010ms);
    CHECK(value_of(r, "queue_ms") == 390);
    r.moments.set(moment::load_start, 1020ms);
    CHECK(value_of(r, "queue_ms") == 390);
    r.moments.set(moment::load_end, 1220ms);
    CHECK(value_of(r, "load_ms") == 200);
    CHECK(value_of(r, "queue_ms") == 190);
}

TEST_CASE("level_fold: queue time is absent without a prefill and never below zero") {
    CHECK(value_of(ordinary(), "queue_ms") == -1);
    CHECK(value_of(with(ordinary(), moment::prefill_start, 999ms), "queue_ms") == 0);
}

TEST_CASE("level_fold: prefill time and its speed over the tokens that were not cached") {
    request_record r = with(ordinary(), moment::prefill_start, 1100ms);
    r.moments.set(moment::prefill_end, 1350ms);
    CHECK(value_of(r, "prefill_ms") == 250);
    CHECK(value_of(r, "prefill_tokens_per_second") == -1);
    r.input_tokens = 600;
    CHECK(value_of(r, "prefill_tokens_per_second") == 2400);
    r.cached_tokens = 100;
    CHECK(value_of(r, "prefill_tokens_per_second") == 2000);
    r.cached_tokens = 9999;
    CHECK(value_of(r, "prefill_tokens_per_second") == 0);
}

TEST_CASE("level_fold: TPOT and stream rate leave the first token out") {
    CHECK(value_of(ordinary(), "tpot_ms") == 300);
    CHECK(value_of(ordinary(), "stream_tokens_per_second") == doctest::Approx(1000.0 / 300));
    request_record r = ordinary();
    r.output_tokens = 7;
    CHECK(value_of(r, "tpot_ms") == 100);
    CHECK(value_of(r, "stream_tokens_per_second") == 10);
    r.output_tokens = {};  // not counted by the server: as many as events
    CHECK(value_of(r, "tpot_ms") == 300);
}

TEST_CASE("level_fold: a single token has no TPOT, tokens at one time no rate") {
    CHECK(value_of(completed_record(1s, {2s}), "tpot_ms") == -1);
    CHECK(value_of(completed_record(1s, {2s}), "stream_tokens_per_second") == -1);
    CHECK(value_of(completed_record(1s, {2s, 2s}), "tpot_ms") == 0);
    CHECK(value_of(completed_record(1s, {2s, 2s}), "stream_tokens_per_second") == -1);
}

TEST_CASE("level_fold: a request that did not complete has a TTFT but no E2E and no rate") {
    for (const outcome how : {outcome::failed, outcome::timed_out, outcome::censored}) {
        CHECK(value_of(ended(how), "ttft_ms") == 500);
        CHECK(value_of(ended(how), "e2e_ms") == -1);
        CHECK(value_of(ended(how), "e2e_intended_ms") == -1);
        CHECK(value_of(ended(how), "tpot_ms") == -1);
        CHECK(value_of(ended(how), "stream_tokens_per_second") == -1);
    }
}

TEST_CASE(
    "level_fold: a request that was cut has the latencies that it reached, and more than the "
    "rest") {
    // Ten answers of 0.5 s to the first token and 1.1 s in all; one cut at 9 s after its first
    // token, one before it.
    std::vector<request_record> records(10, ordinary());
    request_record late = ended(outcome::censored);
    late.cut = 10s;
    request_record silent;
    silent.ended = outcome::timed_out;
    silent.moments.set(moment::send_start, 1s);
    silent.cut = 4s;
    records.push_back(late);
    records.push_back(silent);
    const level_summary s = fold(records);
    const distribution& ttft = *s.metric("ttft_ms");
    CHECK(ttft.count == 11);
    CHECK(ttft.cut == 1);
    CHECK(ttft.p90 == 500);
    CHECK(std::isinf(ttft.p95));  // one of twelve, and nobody knows of it
    CHECK(ttft.ci95.p50 == interval{500, 500});
    const distribution& e2e = *s.metric("e2e_ms");
    CHECK(e2e.count == 10);
    CHECK(e2e.cut == 2);
    CHECK(e2e.p50 == 1100);
    CHECK(std::isinf(e2e.p90));
    // A failure is no latency, and no longer wait either.
    CHECK(fold({ordinary(), failed(failure_kind::reset, 0, "gone")}).metric("e2e_ms")->cut == 0);
}

TEST_CASE("level_fold: the size of vectors is told where it is the same in all answers") {
    auto one = completed_record(0s, {10ms});
    one.inputs = 4;
    one.vector_size = 768;
    auto other = one;
    other.vector_size = 384;
    CHECK(fold({one, one}).vector_size == 768);
    CHECK_FALSE(fold({one, other, one}).vector_size);
    CHECK_FALSE(fold({ordinary()}).vector_size);
    CHECK_FALSE(fold({ordinary()}).inputs_per_second);
}

TEST_CASE("level_fold: quantiles have intervals where there are enough requests") {
    std::vector<request_record> records;
    for (int i = 0; i < 100; ++i) {
        records.push_back(completed_record(0s, {100ms + 1ms * i, 120ms + 1ms * i}));
        records.back().index = static_cast<std::uint64_t>(i);
    }
    const level_summary s = fold(records);
    const quantile_intervals& ttft = s.metric("ttft_ms")->ci95;
    CHECK(ttft.p50 == interval{139, 160});  // the 40th and the 61st
    CHECK(ttft.p95);
    CHECK_FALSE(ttft.p99->closed());  // needs 368
    CHECK(s.metric("event_gap_ms")->ci95.p50 == interval{20, 20});
    CHECK_FALSE(s.metric("event_gap_ms")->ci95.p99);
    records.resize(20);
    CHECK_FALSE(fold(records).metric("ttft_ms")->ci95.p95->closed());
    CHECK_FALSE(fold(records).metric("event_gap_ms")->ci95.p50);
}

TEST_CASE("level_fold: a beginning unlike the rest, and a trend, are told of long windows") {
    const auto sixty = [](auto ttft) {
        std::vector<request_record> records;
        for (int i = 0; i < 240; ++i) {
            const nanoseconds sent = 250ms * i;
            // A little noise, the same each time.
            const auto first = sent + std::chrono::milliseconds{ttft(i) + i * 7 % 11};
            records.push_back(completed_record(sent, {first, first + 50ms}));
        }
        std::shuffle(records.begin(), records.end(), std::mt19937_64{1});
        return fold(records, {.window_begin = 0s, .window_end = 60s}).steady;
    };
    const auto warm = *sixty([](int i) { return i < 40 ? 180 : 100; });  // for 10 s
    CHECK(warm.transient_seconds == doctest::Approx(10).epsilon(0.2));
    const auto flat = *sixty([](int) { return 100; });
    CHECK(flat.transient_seconds == 0);
    CHECK_FALSE(flat.drifts);
    const auto rising = *sixty([](int i) { return 100 + i / 4; });
    CHECK(rising.drifts);
    CHECK(rising.ttft_change == doctest::Approx(0.44).epsilon(0.1));
    CHECK_FALSE(fold({ordinary()}).steady);
}

TEST_CASE("level_fold: the server's own figures are passed on") {
    request_record r = ordinary();
    CHECK(value_of(r, "server_ttft_ms") == -1);
    r.server_ttft_ms = 107.0;
    r.server_tokens_per_second = 57.5;
    CHECK(value_of(r, "server_ttft_ms") == 107.0);
    CHECK(value_of(r, "server_tokens_per_second") == 57.5);
}

TEST_CASE("level_fold: the metrics are these, in this order") {
    std::string names;
    for (const auto& m : fold({}).metrics) names += std::string{m.name} + ' ';
    CHECK(names ==
          "connect_ms send_lag_ms headers_ms first_event_ms load_ms queue_ms prefill_ms ttft_ms "
          "ttft_intended_ms ttfa_ms event_gap_ms itl_ms tpot_ms e2e_ms e2e_intended_ms "
          "stream_tokens_per_second prefill_tokens_per_second server_ttft_ms "
          "server_tokens_per_second round_trip_ms tool_call_ms ");
    CHECK(fold({}).metric("ttft_ms") == nullptr);
    CHECK(fold({ordinary()}).metric("no_such_metric") == nullptr);
}

TEST_CASE("level_fold: gaps of all requests make one distribution") {
    const auto s = fold({ordinary(), completed_record(0s, {1s, 2s})});
    CHECK(s.metric("event_gap_ms")->count == 3);
    CHECK(s.metric("event_gap_ms")->min == 200);
    CHECK(s.metric("event_gap_ms")->max == 1000);
    CHECK(s.metric("event_gap_ms")->mean == doctest::Approx(1600.0 / 3));
    CHECK(s.histogram_overflow == 0);
}

TEST_CASE("level_fold: ITL is the exact one, the gaps or their average, as the tokens are known") {
    request_record exact = ordinary();
    exact.tokens_from = token_source::exact;
    CHECK(fold({exact}).metric("itl_ms")->count == 2);  // the gaps stand for what equals them
    exact.itl.record(50ms, 12);
    CHECK(fold({exact}).metric("itl_ms")->count == 12);
    CHECK(fold({exact}).metric("itl_ms")->max == 50);
    CHECK_FALSE(fold({exact}).itl_is_average);

    CHECK(fold({ordinary()}).metric("itl_ms")->count == 2);
    CHECK(fold({ordinary()}).metric("itl_ms")->max == 400);

    request_record average = ordinary();
    average.tokens_from = token_source::average;
    average.output_tokens = 30;
    CHECK(fold({average}).metric("itl_ms")->count == 20);
    CHECK(fold({average}).metric("itl_ms")->mean == 30);
    CHECK(fold({average, ordinary()}).itl_is_average);

    request_record none = ordinary();
    none.tokens_from = token_source::none;
    CHECK(fold({none}).metric("itl_ms") == nullptr);
    CHECK(fold({none}).metric("event_gap_ms")->count == 2);
}

TEST_CASE("level_fold: gaps over an hour are counted as overflow") {
    CHECK(fold({completed_record(0s, {1s, 3h})}).histogram_overflow == 2);  // gap and ITL
}

TEST_CASE("level_fold: every outcome is counted and they add up") {
    request_record retried = ordinary();
    retried.retries = 2;
    request_record other = ordinary();
    other.model_mismatch = true;
    const auto s =
        fold({ordinary(), retried, other, ended(outcome::failed), ended(outcome::failed),
              ended(outcome::timed_out), ended(outcome::shed), ended(outcome::censored)});
    CHECK(s.requests.offered == 8);
    CHECK(s.requests.completed == 3);
    CHECK(s.requests.failed == 2);
    CHECK(s.requests.timed_out == 1);
    CHECK(s.requests.shed == 1);
    CHECK(s.requests.censored == 1);
    CHECK(s.requests.retried == 1);
    CHECK(s.requests.model_mismatch == 1);
    CHECK(s.requests.add_up());
}

TEST_CASE("level_fold: errors are counted by kind, each with an example") {
    request_record timeout = ended(outcome::timed_out);
    timeout.error = request_error{.timed_out_in = phase::first_token};
    const auto s = fold({failed(failure_kind::engine_failed, 400, "boom"),
                         failed(failure_kind::engine_failed, 400, "boom"),
                         failed(failure_kind::reset, 0, "gone"),
                         failed(failure_kind::model_unloaded, 200, "Model unloaded."), timeout});
    CHECK(s.errors.size() == 4);
    CHECK(s.errors.at("engine_failed").count == 2);
    CHECK(s.errors.at("engine_failed").example == "HTTP 400: boom");
    CHECK(s.errors.at("reset").example == "gone");
    CHECK(s.errors.at("model_unloaded").example == "Model unloaded.");
    CHECK(s.errors.at("timeout_first_token").count == 1);
    CHECK(s.errors.at("timeout_first_token").example == "the deadline of first_token passed");
}

TEST_CASE("level_fold: the example of an error is that of the first request sent") {
    request_record late = failed(failure_kind::reset, 0, "late");
    late.index = 9;
    request_record early = failed(failure_kind::reset, 0, "early");
    early.index = 2;
    CHECK(fold({late, early}).errors.at("reset").example == "early");
    CHECK(fold({early, late}).errors.at("reset").example == "early");
    late.answered_by = "m:2";
    CHECK(fold({late, early}).answered_by == "m:2");
    early.answered_by = "m";
    CHECK(fold({late, early}).answered_by == "m");
    CHECK(fold({early, late}).answered_by == "m");
}

TEST_CASE("level_fold: warm-up requests are in no figure but the throughput") {
    request_record warmup = failed(failure_kind::reset, 0, "gone");
    warmup.phase = run_phase::warmup;
    warmup.answered_by = "m";
    warmup.input_tokens = 9;
    warmup.unknown_events = warmup.user_stamps = 1;
    level_summary s = fold({warmup});
    CHECK(s.requests.offered == 0);
    CHECK(s.errors.empty());
    CHECK(s.metric("ttft_ms") == nullptr);
    CHECK(s.metric("event_gap_ms") == nullptr);
    CHECK(s.tokens.input == 0);
    CHECK(s.tokens.output == 0);
    CHECK(s.tokens.source == "none");
    CHECK(s.answered_by.empty());
    CHECK(s.user_stamps == 0);
    CHECK(s.unknown_events == 0);
    CHECK(s.output_tokens_per_second == 0.3);
}

TEST_CASE("level_fold: throughput is of the tokens that arrived in the window") {
    request_record warmup = completed_record(0s, {1s, 2s, 3s, 4s});
    warmup.phase = run_phase::warmup;
    warmup.window_events = 1;
    request_record drained = completed_record(6s, {7s, 13s, 14s});
    drained.window_events = 1;
    const level_course course{.window_begin = 4s, .window_end = 12s};
    const auto s = fold({warmup, drained, completed_record(5s, {6s, 7s})}, course);
    CHECK(s.window_seconds == 8);
    CHECK(s.output_tokens_per_second == (1 + 1 + 2) / 8.0);
}

TEST_CASE("level_fold: tokens of an event are those of its request on average") {
    request_record r = completed_record(0s, {1s, 2s, 3s, 4s});
    r.window_events = 3;
    r.output_tokens = 20;
    CHECK(fold({r}).output_tokens_per_second == 1.5);
    CHECK(fold({r}).tokens_per_event == 5);
}

TEST_CASE("level_fold: uncounted events bear as many tokens as counted ones did") {
    request_record counted = completed_record(0s, {1s, 2s});
    counted.output_tokens = 6;
    request_record cut = completed_record(0s, {1s, 2s, 3s});
    cut.ended = outcome::censored;
    cut.output_tokens = {};
    const auto s = fold({counted, cut});
    CHECK(s.tokens_per_event == 3);
    CHECK(s.output_tokens_per_second == 1.5);
    CHECK(s.tokens.output == 15);
    CHECK(s.tokens.source == "mixed");
}

TEST_CASE("level_fold: requests a second are those that completed in the window") {
    request_record warmup = completed_record(0s, {1s, 5s});
    warmup.phase = run_phase::warmup;
    const level_course course{.window_begin = 4s, .window_end = 8s};
    const auto s = fold({warmup, completed_record(4s, {5s, 8s}), completed_record(5s, {6s}),
                         completed_record(3s, {4s}), ended(outcome::failed)},
                        course);
    CHECK(s.requests_per_second == 3 / 4.0);
}

TEST_CASE("level_fold: without a window there are no rates") {
    CHECK(fold({ordinary()}, {}).output_tokens_per_second == 0);
    CHECK(fold({ordinary()}, {.window_begin = 1s, .window_end = 1s}).requests_per_second == 0);
    CHECK(fold({ordinary()}, {.window_begin = 1s}).window_seconds == 0);
}

TEST_CASE("level_fold: tokens are summed and say who counted them") {
    request_record r = ordinary();
    r.input_tokens = 30;
    r.cached_tokens = 4;
    r.reasoning_tokens = 2;
    const auto s = fold({r, r});
    CHECK(s.tokens.input == 60);
    CHECK(s.tokens.cached == 8);
    CHECK(s.tokens.output == 6);
    CHECK(s.tokens.reasoning == 4);
    CHECK(s.tokens.source == "server");

    request_record uncounted = ordinary();
    uncounted.output_tokens = {};
    CHECK(fold({uncounted}).tokens.source == "events");
    CHECK(fold({uncounted}).tokens.output == 3);
    CHECK_FALSE(fold({uncounted}).tokens_per_event);
    CHECK(fold({r, uncounted}).tokens.source == "mixed");
    CHECK(fold({}).tokens.source == "none");
}

TEST_CASE("level_fold: counts of the reads and events are summed") {
    request_record r = ordinary();
    r.kernel_stamps = 5;
    r.user_stamps = 2;
    r.coalesced_events = 3;
    r.unknown_events = 1;
    const auto s = fold({r, r});
    CHECK(s.kernel_stamps == 10);
    CHECK(s.user_stamps == 4);
    CHECK(s.coalesced_events == 6);
    CHECK(s.unknown_events == 2);
}

TEST_CASE("level_fold: the order of the records does not matter") {
    std::mt19937_64 random{3};
    std::vector<request_record> records;
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        request_record r = completed_record(
            nanoseconds{static_cast<std::int64_t>(seed * 100'000'007)},
            {nanoseconds{static_cast<std::int64_t>(seed * 110'000'003 + 1)}, 8s + 1ns, 9s});
        r.index = seed;
        r.output_tokens = seed % 7;
        r.window_events = seed % 4;
        r.tokens_from = static_cast<token_source>(seed % 4);
        r.answered_by = "instance:" + std::to_string(seed % 3);
        if (seed % 5 == 0) {
            r.ended = outcome::failed;
            r.error = request_error{.kind = failure_kind::engine_failed,
                                    .message = "message " + std::to_string(seed)};
        }
        if (seed % 11 == 0) r.output_tokens = {};
        if (seed % 6 == 0) r.phase = run_phase::warmup;
        records.push_back(r);
    }
    const std::string in_order = as_text(fold(records));
    for (int round = 0; round < 20; ++round) {
        std::shuffle(records.begin(), records.end(), random);
        const bool same = as_text(fold(records)) == in_order;
        REQUIRE(same);
    }
}
