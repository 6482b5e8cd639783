#include "measure/level_fold.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

request_record turn_of(std::uint64_t conversation, std::uint32_t turn, std::uint32_t turns,
                       outcome ended = outcome::completed) {
    request_record r = test::completed_record(0ms, {10ms * (turn + 1), 500ms});
    r.turn = conversation_turn{conversation, turn, turns};
    r.input_tokens = 100 * (turn + 1);
    r.ended = ended;
    if (ended == outcome::failed) r.error = request_error{.kind = failure_kind::engine_failed};
    if (ended == outcome::timed_out) r.error = request_error{.timed_out_in = phase::gap};
    return r;
}

level_summary summary_of(std::vector<request_record> records) {
    measure::level_fold fold{test::level_setup_of(0)};
    for (const request_record& r : records) fold.add(r);
    const level_summary s = fold.result({});
    // In whatever order they come.
    std::reverse(records.begin(), records.end());
    measure::level_fold back{test::level_setup_of(0)};
    for (const request_record& r : records) back.add(r);
    const level_summary other = back.result({});
    CHECK(other.requests.not_sent == s.requests.not_sent);
    CHECK(other.conversations.completed == s.conversations.completed);
    CHECK(other.by_turn.size() == s.by_turn.size());
    return s;
}

}  // namespace

TEST_CASE("conversation fold: what a failure left unsent is no part of what was offered") {
    using enum outcome;
    const level_summary s =
        summary_of({turn_of(0, 0, 3), turn_of(0, 1, 3), turn_of(0, 2, 3),  // whole
                    turn_of(1, 0, 4, failed),                              // three not sent
                    turn_of(2, 0, 2), turn_of(2, 1, 2, timed_out),         // none
                    turn_of(3, 0, 5), turn_of(3, 1, 5, censored),          // cut by the end
                    turn_of(4, 0, 5)});                                    // and so was this
    CHECK(s.requests.offered == 9);
    CHECK(s.requests.add_up());
    CHECK(s.requests.not_sent == 3);
    CHECK(s.conversations.begun == 5);
    CHECK(s.conversations.completed == 1);
    CHECK(s.conversations.broken == 2);
}

TEST_CASE("conversation fold: a conversation counts where its first turn was in the window") {
    auto first = turn_of(0, 0, 2);
    first.phase = run_phase::warmup;
    const level_summary s = summary_of({first, turn_of(0, 1, 2, outcome::failed)});
    CHECK(s.conversations.begun == 0);
    CHECK(s.conversations.broken == 0);
    CHECK(s.requests.offered == 1);
    REQUIRE(s.by_turn.size() == 1);
    CHECK(s.by_turn[0].from == 2);
}

TEST_CASE("conversation fold: TTFT by turn and by depth") {
    std::vector<request_record> records;
    for (std::uint64_t c = 0; c < 3; ++c) {
        for (std::uint32_t turn = 0; turn < 3; ++turn) records.push_back(turn_of(c, turn, 3));
    }
    records.back().input_tokens.reset();
    const level_summary s = summary_of(records);
    REQUIRE(s.by_turn.size() == 3);
    for (std::uint32_t turn = 0; turn < 3; ++turn) {
        CHECK(s.by_turn[turn].from == turn + 1);
        CHECK(s.by_turn[turn].requests == 3);
        CHECK(s.by_turn[turn].ttft_ms->p50 == 10.0 * (turn + 1));
        CHECK(*s.by_turn[turn].input_tokens_p50 == 100.0 * (turn + 1));
        CHECK_FALSE(s.by_turn[turn].cached_tokens_p50);
    }
    // 100, 200 and 300 tokens.
    REQUIRE(s.by_depth.size() == 3);
    CHECK(s.by_depth[0].from == 64);
    CHECK(s.by_depth[1].from == 128);
    CHECK(s.by_depth[2].from == 256);
    CHECK(s.by_depth[2].requests == 2);
    CHECK(s.by_depth[2].ttft_ms->p95 == 30.0);
}

TEST_CASE("level fold: the tools that the server called, by name") {
    request_record r = test::completed_record(0ms, {10ms, 20ms, 530ms, 540ms});
    r.tool_calls = {{"search", 20ms, 25ms, 520ms, false},
                    {"search", 20ms, {}, {}, true},
                    {"clock", 0ms, {}, 5ms, true}};
    r.tool_gaps = 510ms;
    const level_summary s = summary_of({r});
    REQUIRE(s.tools.size() == 2);
    CHECK(s.tools.at("search").calls == 2);
    CHECK(s.tools.at("search").failed == 1);
    CHECK(s.tools.at("search").ms->count == 1);
    CHECK(s.tools.at("search").ms->max == 500.0);
    CHECK(s.tools.at("clock").failed == 1);
    CHECK(s.metric("tool_call_ms")->count == 2);
    // (540 - 10 - 510) / 3: the tool's time is not the model's.
    CHECK(s.metric("tpot_ms")->p50 == doctest::Approx(20.0 / 3));
}
