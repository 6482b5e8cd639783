#include "measure/recorder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using enum lmstress::moment;
using measure::recorder;

namespace {

// A run does not begin at the epoch of the clock: moments count from its beginning.
constexpr instant run_start = instant{} + 1000s;

const event::text a_token{event::text::kind::answer, "a"};
const event::text a_thought{event::text::kind::reasoning, "hm"};
const event::text an_argument{event::text::kind::tool_arguments, "{"};

event::text counted(std::uint64_t tokens_so_far) {
    return {event::text::kind::answer, "a", tokens_so_far};
}

/// One request, sent at 0 of the run.
struct request {
    explicit request(std::string_view asked_model = {}, bool keep_event_times = false)
        : rec(record, {run_start, &window, asked_model, keep_event_times}) {
        rec.set(intended, run_start);
        rec.set(send_start, run_start);
        rec.set(send_end, run_start);
    }
    /// A read at this time that brought one frame with these events.
    void at(nanoseconds t, const std::vector<stream_event>& events) {
        rec.arrived(run_start + t, clock_source::kernel);
        frame(events);
    }
    /// A frame more in the same read.
    void frame(const std::vector<stream_event>& events) {
        rec.on_frame();
        for (const auto& e : events) rec.on_event(e);
    }
    /// The end of the answer, and of the request.
    void end_at(nanoseconds t, const std::vector<stream_event>& events = {}) {
        at(t, events);
        rec.on_event(event::end{});
        if (!rec.failed()) rec.complete();
        rec.finish(200, false);
    }
    nanoseconds of(moment m) const {
        REQUIRE(record.moments.has(m));
        return *record.moments.get(m);
    }

    request_record record;
    measure::window window{run_start, run_start + 10s};
    recorder rec;
};

sparse_histogram histogram(const std::vector<nanoseconds>& values) {
    sparse_histogram h;
    for (const auto v : values) h.record(v);
    return h;
}

/// How a request to `asked` fares that `answered` answered.
bool mismatch(std::string_view asked, std::string_view answered) {
    request r{asked};
    r.at(1ms, {event::opened{answered}, a_token});
    r.end_at(2ms);
    return r.record.model_mismatch;
}

/// The kind that a failure in these words is recorded as, this long after the request was sent.
failure_kind kind_of_failure(failure_kind said, nanoseconds after) {
    request r;
    r.at(after, {event::failure{said, "words"}});
    r.rec.finish(400, false);
    return *r.record.error->kind;
}

}  // namespace

TEST_CASE("recorder: the moments of a native answer that loads, thinks and answers") {
    request r;
    using load = event::load_progress;
    using prefill = event::prefill_progress;
    r.at(1ms, {event::opened{"m"}});
    r.at(2ms, {load{load::step::start}});
    r.at(3ms, {load{load::step::progress, 0.5}});
    r.at(4ms, {load{load::step::end, 1, 7.25}});
    r.at(5ms, {prefill{prefill::step::start}});
    r.at(6ms, {prefill{prefill::step::progress, 0.5}});
    r.at(7ms, {prefill{prefill::step::end}});
    r.at(8ms, {a_thought});
    r.at(9ms, {a_thought});
    r.at(10ms, {a_token});
    r.at(11ms, {a_token});
    r.at(12ms, {event::finish{"stop"}});
    r.end_at(13ms);
    CHECK(r.record.ended == outcome::completed);
    CHECK(r.of(intended) == 0ms);
    CHECK(r.of(first_event) == 1ms);
    CHECK(r.of(load_start) == 2ms);
    CHECK(r.of(load_end) == 4ms);
    CHECK(r.of(prefill_start) == 5ms);
    CHECK(r.of(prefill_end) == 7ms);
    CHECK(r.of(first_token) == 8ms);
    CHECK(r.of(first_answer) == 10ms);
    CHECK(r.of(last_token) == 11ms);
    CHECK(r.of(moment::end) == 13ms);
    CHECK_FALSE(r.record.moments.has(headers));
    CHECK_FALSE(r.record.moments.has(connect_start));
    CHECK(r.record.server_load_ms == 7250.0);
    CHECK(r.record.finish_reason == "stop");
    CHECK(r.record.answered_by == "m");
    CHECK(r.record.events == 4);
}

TEST_CASE("recorder: an answer of reasoning alone has a first token and no first answer") {
    request r;
    r.at(8ms, {a_thought});
    r.end_at(9ms);
    CHECK(r.of(first_token) == 8ms);
    CHECK_FALSE(r.record.moments.has(first_answer));
}

TEST_CASE("recorder: tool arguments are tokens but no answer") {
    request r;
    r.at(8ms, {an_argument});
    r.end_at(9ms);
    CHECK(r.of(first_token) == 8ms);
    CHECK(r.record.events == 1);
    CHECK_FALSE(r.record.moments.has(first_answer));
}

TEST_CASE("recorder: of several prompt_processing.end the last before the first token counts") {
    using prefill = event::prefill_progress;
    request r;
    r.at(1ms, {prefill{prefill::step::start}});
    r.at(2ms, {prefill{prefill::step::end}});
    r.at(3ms, {prefill{prefill::step::end}});
    r.at(4ms, {a_token});
    r.at(5ms, {prefill{prefill::step::start}});
    r.at(6ms, {prefill{prefill::step::end}});
    r.end_at(7ms);
    CHECK(r.of(prefill_start) == 1ms);
    CHECK(r.of(prefill_end) == 3ms);
}

TEST_CASE("recorder: the prefill began as long ago as llama.cpp says") {
    using prefill = event::prefill_progress;
    request r;
    r.at(500ms, {prefill{.at = prefill::step::start,
                         .done = 8,
                         .total = 30,
                         .cached = 4,
                         .server_time_ms = 31.5}});
    r.at(900ms, {prefill{.at = prefill::step::end,
                         .done = 30,
                         .total = 30,
                         .cached = 4,
                         .server_time_ms = 431.5}});
    r.end_at(1s, {a_token});
    CHECK(r.of(prefill_start) == 468'500us);
    CHECK(r.of(prefill_end) == 900ms);
    CHECK(r.record.input_tokens == 30);
    CHECK(r.record.cached_tokens == 4);
}

TEST_CASE("recorder: gaps are between token-bearing events, whatever comes in between") {
    request r;
    r.at(10ms, {a_thought});
    r.at(12ms, {event::unknown{"mood"}});
    r.at(13ms, {a_token});
    r.at(20ms, {an_argument});
    r.end_at(30ms);
    CHECK(r.record.gaps == histogram({3ms, 7ms}));
    CHECK(r.record.unknown_events == 1);
}

TEST_CASE("recorder: two texts in one frame are one event") {
    request r;
    r.at(10ms, {a_thought, a_token});
    r.at(14ms, {a_token, an_argument});
    r.end_at(15ms);
    CHECK(r.record.events == 2);
    CHECK(r.record.gaps == histogram({4ms}));
    CHECK(r.of(first_answer) == 10ms);
}

TEST_CASE("recorder: events of one read share its time and are marked coalesced") {
    request r;
    r.at(10ms, {a_token});
    r.frame({a_token});
    r.frame({a_token});
    r.at(15ms, {a_token});
    r.frame({event::finish{"stop"}});
    r.end_at(16ms);
    CHECK(r.record.events == 4);
    CHECK(r.record.coalesced_events == 2);
    CHECK(r.record.gaps == histogram({0ms, 0ms, 5ms}));
}

TEST_CASE("recorder: reads are counted by the clock that timed them") {
    request r;
    r.rec.arrived(run_start + 1ms, clock_source::kernel);
    r.rec.arrived(run_start + 2ms, clock_source::user);
    r.rec.arrived(run_start + 3ms, clock_source::user);
    CHECK(r.record.kernel_stamps == 1);
    CHECK(r.record.user_stamps == 2);
}

TEST_CASE("recorder: the window contains its beginning and not its end") {
    request r;
    r.window = {run_start + 10ms, run_start + 20ms};
    r.at(10ms - 1ns, {a_token});
    CHECK(r.record.window_events == 0);
    r.at(10ms, {a_token});
    r.at(20ms - 1ns, {a_token});
    CHECK(r.record.window_events == 2);
    r.at(20ms, {a_token});
    CHECK(r.record.window_events == 2);
    CHECK(r.record.events == 4);
}

TEST_CASE("recorder: nothing is in a window whose bounds are not known yet") {
    request r;
    r.window = {};
    r.at(10ms, {a_token});
    CHECK(r.record.window_events == 0);
    r.window.begin = run_start;
    r.at(20ms, {a_token});
    CHECK(r.record.window_events == 1);
}

TEST_CASE("recorder: as many events as tokens, or one off, are a token each") {
    for (const std::uint64_t tokens : {2U, 3U, 4U}) {
        request r;
        r.at(10ms, {a_token});
        r.at(12ms, {a_token});
        r.at(15ms, {a_token});
        r.end_at(16ms, {event::usage{.output_tokens = tokens}});
        CHECK(r.record.tokens_from == token_source::events);
        CHECK(r.record.itl == sparse_histogram{});
        CHECK(r.record.output_tokens == tokens);
    }
}

TEST_CASE("recorder: two tokens more or less than events are spread evenly") {
    for (const std::uint64_t tokens : {1U, 5U}) {
        request r;
        r.at(10ms, {a_token});
        r.at(12ms, {a_token});
        r.at(15ms, {a_token});
        r.end_at(16ms, {event::usage{.output_tokens = tokens}});
        CHECK(r.record.tokens_from == token_source::average);
    }
}

TEST_CASE("recorder: without any count the tokens are of no source") {
    request r;
    r.at(10ms, {a_token});
    r.end_at(11ms);
    CHECK(r.record.tokens_from == token_source::none);
    CHECK_FALSE(r.record.output_tokens);
}

TEST_CASE("recorder: a count on every event divides each gap exactly") {
    request r;
    r.at(10ms, {counted(2)});
    r.at(16ms, {counted(5)});
    r.at(20ms, {counted(6)});
    r.end_at(21ms);
    CHECK(r.record.tokens_from == token_source::exact);
    CHECK(r.record.output_tokens == 6);
    CHECK(r.record.gaps == histogram({6ms, 4ms}));
    CHECK(r.record.itl == histogram({2ms, 2ms, 2ms, 4ms}));
}

TEST_CASE("recorder: an event without a new token adds its time to the next one") {
    request r;
    r.at(10ms, {counted(1)});
    r.at(13ms, {counted(1)});
    r.at(18ms, {counted(2)});
    r.end_at(21ms);
    CHECK(r.record.tokens_from == token_source::exact);
    CHECK(r.record.gaps == histogram({3ms, 5ms}));
    CHECK(r.record.itl == histogram({8ms}));
}

TEST_CASE("recorder: the exact ITL is not kept where it says no more than the gaps") {
    request r;
    r.at(10ms, {counted(1)});
    r.at(12ms, {counted(2)});
    r.at(15ms, {counted(3)});
    r.end_at(16ms, {event::usage{.output_tokens = 3}});
    CHECK(r.record.tokens_from == token_source::exact);
    CHECK(r.record.itl == sparse_histogram{});
    CHECK(r.record.gaps == histogram({2ms, 3ms}));
}

TEST_CASE("recorder: a count on some events is none, and its ITL is dropped") {
    request r;
    r.at(10ms, {counted(1)});
    r.at(16ms, {counted(4)});
    r.at(20ms, {a_token});
    r.end_at(21ms, {event::usage{.output_tokens = 9}});
    CHECK(r.record.tokens_from == token_source::average);
    CHECK(r.record.itl == sparse_histogram{});
}

TEST_CASE("recorder: the server's own total wins over the last count") {
    request r;
    r.at(10ms, {counted(1)});
    r.end_at(11ms, {event::usage{.output_tokens = 2}});
    CHECK(r.record.output_tokens == 2);
    CHECK(r.record.tokens_from == token_source::exact);
}

TEST_CASE("recorder: usage and the server's figures are kept, and absent ones do not erase them") {
    request r;
    r.at(10ms, {a_token, event::usage{35, 4, 8, 2},
                event::server_stats{.ttft_seconds = 0.125, .tokens_per_second = 57.5}});
    r.at(11ms, {event::usage{}, event::server_stats{.load_seconds = 2.5}});
    r.end_at(12ms);
    CHECK(r.record.input_tokens == 35);
    CHECK(r.record.cached_tokens == 4);
    CHECK(r.record.output_tokens == 8);
    CHECK(r.record.reasoning_tokens == 2);
    CHECK(r.record.server_ttft_ms == 125.0);
    CHECK(r.record.server_tokens_per_second == 57.5);
    CHECK(r.record.server_load_ms == 2500.0);
}

TEST_CASE("recorder: event times are kept only where they are asked for") {
    request kept{"", true};
    kept.at(10ms, {a_token});
    kept.at(12ms, {event::finish{"stop"}});
    kept.at(14ms, {a_token});
    CHECK(kept.record.event_times == std::vector<nanoseconds>{10ms, 14ms});
    request plain;
    plain.at(10ms, {a_token});
    CHECK(plain.record.event_times.empty());
}

TEST_CASE("recorder: the same model in another case, or an instance of it, is no mismatch") {
    CHECK_FALSE(mismatch("google/gemma-4-E4B", "google/gemma-4-e4b"));
    CHECK_FALSE(mismatch("google/gemma-4-e4b", "google/gemma-4-e4b:2"));
    CHECK_FALSE(mismatch("GOOGLE/gemma", "google/Gemma:17"));
    CHECK_FALSE(mismatch("", "anything"));
    CHECK_FALSE(mismatch("anything", ""));
}

TEST_CASE("recorder: another model, a longer or a shorter name, is a mismatch") {
    CHECK(mismatch("google/gemma-4-e4b", "openai/gpt-oss-20b"));
    CHECK(mismatch("google/gemma-4", "google/gemma-4-e4b"));
    CHECK(mismatch("google/gemma-4-e4b", "google/gemma-4"));
    CHECK(mismatch("google/gemma-4-e4b:2", "google/gemma-4-e4b"));
    CHECK(mismatch("gemma", "gemmb:2"));
}

TEST_CASE("recorder: a failure is kept with its words and its status, and the first one counts") {
    request r;
    r.at(5ms, {event::failure{failure_kind::prompt_too_long, "too long"}});
    r.rec.fail(failure_kind::truncated, "later");
    r.rec.finish(400, true);
    CHECK(r.record.ended == outcome::failed);
    CHECK(r.record.error == request_error{.kind = failure_kind::prompt_too_long,
                                          .http_status = 400,
                                          .message = "too long"});
    CHECK(r.record.connection_reused);
    CHECK(r.rec.failed());
}

TEST_CASE("recorder: an engine failure some 120 s after the request is a wait for a slot") {
    using enum failure_kind;
    CHECK(kind_of_failure(engine_failed, 118s - 1ns) == engine_failed);
    CHECK(kind_of_failure(engine_failed, 118s) == slot_timeout);
    CHECK(kind_of_failure(engine_failed, 120s) == slot_timeout);
    CHECK(kind_of_failure(engine_failed, 125s) == slot_timeout);
    CHECK(kind_of_failure(engine_failed, 125s + 1ns) == engine_failed);
    CHECK(kind_of_failure(server_error, 120s) == server_error);
    CHECK(kind_of_failure(context_exhausted, 120s) == context_exhausted);
}

TEST_CASE("recorder: an engine failure after a token is no wait for a slot") {
    request r;
    r.at(60s, {a_token});
    r.at(120s, {event::failure{failure_kind::engine_failed, "words"}});
    r.rec.finish(200, false);
    CHECK(r.record.error->kind == failure_kind::engine_failed);
}

TEST_CASE("recorder: a complete answer without a token is a failure of its own") {
    request r;
    r.end_at(5ms);
    CHECK(r.record.ended == outcome::failed);
    CHECK(r.record.error->kind == failure_kind::empty_answer);
    CHECK(r.record.error->http_status == 200);
}

TEST_CASE("recorder: an answer of vectors is complete without a token, and one of none is not") {
    request r;
    r.at(4ms, {event::vectors{1}});
    r.end_at(5ms);
    CHECK(r.record.ended == outcome::completed);
    CHECK(r.record.events == 0);
    CHECK_FALSE(r.record.moments.has(first_token));
    request none;
    none.at(4ms, {event::vectors{0}});
    none.end_at(5ms);
    CHECK(none.record.error->kind == failure_kind::empty_answer);
}

TEST_CASE("recorder: there are as many vectors as there were texts, and all have a size") {
    request r;
    r.record.inputs = 3;
    r.at(4ms, {event::vectors{3, 768}});
    r.end_at(5ms);
    CHECK(r.record.ended == outcome::completed);
    CHECK(r.record.vector_size == 768);
    for (const auto& [texts, vectors, sentence] :
         {std::tuple{3U, 2U, "the answer to 3 texts has 2 vectors"},
          std::tuple{1U, 2U, "the answer to 1 text has 2 vectors"},
          std::tuple{2U, 1U, "the answer to 2 texts has 1 vector"}}) {
        request wrong;
        wrong.record.inputs = texts;
        wrong.at(4ms, {event::vectors{vectors, 768}});
        wrong.end_at(5ms);
        CHECK(wrong.record.ended == outcome::failed);
        REQUIRE(wrong.record.error);
        CHECK(wrong.record.error->kind == failure_kind::bad_frame);
        CHECK(wrong.record.error->message == sentence);
    }
}

TEST_CASE("recorder: a timeout names the phase that it passed in") {
    request r;
    r.at(10ms, {a_token});
    r.rec.time_out(phase::gap, run_start + 130s);
    r.rec.finish(200, false);
    CHECK(r.record.ended == outcome::timed_out);
    CHECK(r.record.cut == 130s);
    CHECK(r.record.error == request_error{.timed_out_in = phase::gap, .http_status = 200});
}

TEST_CASE("recorder: a request that was cut has no error and keeps what came") {
    request r;
    r.at(10ms, {a_token});
    r.at(14ms, {a_token});
    r.rec.censor(run_start + 15ms);
    r.rec.finish(200, false);
    CHECK(r.record.ended == outcome::censored);
    CHECK_FALSE(r.record.error);
    CHECK(r.record.events == 2);
    CHECK(r.record.gaps == histogram({4ms}));
    CHECK_FALSE(r.record.moments.has(moment::end));
    CHECK(r.record.cut == 15ms);
}

TEST_CASE("recorder: while tool arguments are made it says so") {
    using tool = event::tool_call;
    request r;
    CHECK_FALSE(r.rec.in_tool_call());
    r.at(1ms, {tool{tool::step::start, "search"}});
    CHECK(r.rec.in_tool_call());
    r.at(2ms, {an_argument});
    CHECK(r.rec.in_tool_call());
    r.at(3ms, {tool{tool::step::success, "search"}});
    CHECK_FALSE(r.rec.in_tool_call());
    r.at(4ms, {an_argument});
    r.at(5ms, {a_token});
    CHECK_FALSE(r.rec.in_tool_call());
}

TEST_CASE("recorder: a retried request is as if it had been sent once, but for its count") {
    const auto prepare = [](request& r) {
        r.record.request_id = "7-run";
        r.record.index = 7;
        r.record.level = 2;
        r.record.worker = 3;
        r.record.phase = run_phase::warmup;
        r.record.asked_tokens = 512;
    };
    const auto answer = [](request& r) {
        r.rec.set(send_start, run_start + 20ms);
        r.at(30ms, {counted(1)});
        r.at(36ms, {counted(4)});
        r.end_at(37ms);
    };
    request once;
    prepare(once);
    once.record.moments.clear(send_end);
    answer(once);

    request twice{"", true};
    prepare(twice);
    twice.at(1ms, {event::opened{"other"}, counted(5), event::usage{1, 2, 3, 4}});
    twice.frame({event::unknown{"x"}, event::failure{failure_kind::reset, "gone"}});
    twice.at(2ms, {event::tool_call{event::tool_call::step::start, "t"}});
    twice.rec.restart();
    CHECK_FALSE(twice.rec.failed());
    CHECK_FALSE(twice.rec.in_tool_call());
    CHECK(twice.rec.last_sent() == run_start);
    answer(twice);
    CHECK(twice.record.retries == 1);
    CHECK(twice.record.event_times == std::vector<nanoseconds>{30ms, 36ms});
    twice.record.retries = 0;
    twice.record.event_times.clear();
    CHECK(twice.record == once.record);
}

TEST_CASE("recorder: it knows when the request was sent") {
    request r;
    r.rec.set(send_start, run_start + 250ms);
    CHECK(r.rec.last_sent() == run_start + 250ms);
    CHECK(r.rec.has(send_start));
    CHECK_FALSE(r.rec.has(first_token));
}

TEST_CASE("recorder: a tool that the server calls is a span, and the time it takes is no gap") {
    using step = event::tool_call::step;
    request r;
    r.at(10ms, {a_token});
    r.at(20ms, {event::tool_call{step::start, "search"}});
    r.at(30ms, {an_argument, event::tool_call{step::arguments, "search"}});
    CHECK(r.rec.in_tool_call());
    r.at(530ms, {event::tool_call{step::success, "search"}});
    r.at(560ms, {a_token});
    r.at(570ms, {a_token});
    r.end_at(580ms, {event::usage{.output_tokens = 4}});
    REQUIRE(r.record.tool_calls.size() == 1);
    CHECK(r.record.tool_calls[0] == tool_span{"search", 20ms, 30ms, 530ms, false});
    CHECK(r.record.tool_gaps == 530ms);
    CHECK(r.record.gaps.exact().count == 2);
    CHECK(r.record.gaps.exact().max_ns == 20'000'000);
    CHECK(r.record.tokens_from == token_source::events);
}

TEST_CASE("recorder: counts go on behind a tool, whose time is in no ITL either") {
    using step = event::tool_call::step;
    request r;
    r.at(10ms, {counted(1)});
    r.at(20ms, {counted(2)});
    r.at(20ms, {event::tool_call{step::start, "a"}});
    r.at(520ms, {event::tool_call{step::success, {}}});
    r.at(600ms, {counted(9)});
    r.at(620ms, {counted(11)});
    r.end_at(620ms);
    CHECK(r.record.output_tokens == 11);
    CHECK(r.record.tokens_from == token_source::exact);
    CHECK(r.record.itl.exact().total() == 3);
    CHECK(r.record.itl.exact().max_ns == 10'000'000);
}

TEST_CASE("recorder: calls that fail, that are not there, and that never end") {
    using step = event::tool_call::step;
    request r;
    r.at(1ms, {event::tool_call{step::start, "a"}, event::tool_call{step::start, "b"}});
    r.at(2ms, {event::tool_call{step::success, "b"}});
    r.at(3ms, {event::tool_call{step::failure, {}, "no"}});
    r.at(4ms, {event::tool_call{step::failure, "nobody", "Cannot find tool"}});
    r.at(5ms, {event::tool_call{step::start, "c"}});
    r.end_at(6ms, {a_token});
    const std::vector<tool_span> expected = {{"a", 1ms, {}, 3ms, true},
                                             {"b", 1ms, {}, 2ms, false},
                                             {"nobody", 4ms, {}, {}, true},
                                             {"c", 5ms, {}, {}, false}};
    CHECK(r.record.tool_calls == expected);
}

TEST_CASE("recorder: the message text is kept where it is wanted, without reasoning") {
    request_record record;
    measure::window window{run_start, run_start + 10s};
    std::string said;
    recorder rec{record, {.run_start = run_start, .measured = &window, .answer = &said}};
    rec.arrived(run_start + 1ms, clock_source::kernel);
    rec.on_frame();
    for (const event::text& e : {a_thought, a_token, an_argument, a_token}) rec.on_event(e);
    CHECK(said == "aa");
    rec.restart();
    CHECK(said.empty());
}

TEST_CASE("recorder: an answer to go on from needs its id") {
    for (const bool named : {true, false}) {
        request_record record;
        measure::window window{run_start, run_start + 10s};
        recorder rec{record,
                     {.run_start = run_start, .measured = &window, .needs_answer_id = true}};
        rec.arrived(run_start + 1ms, clock_source::kernel);
        rec.on_frame();
        rec.on_event(a_token);
        if (named) rec.on_event(event::answer_id{"resp_1"});
        rec.on_event(event::end{});
        rec.complete();
        rec.finish(200, false);
        CHECK(record.ended == (named ? outcome::completed : outcome::failed));
        CHECK(rec.answer_id() == (named ? "resp_1" : ""));
        if (!named) CHECK(record.error->kind == failure_kind::bad_frame);
    }
}
