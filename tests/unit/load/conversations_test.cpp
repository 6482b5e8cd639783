// Conversations in virtual time against the built-in server, whose cache knows the turns before:
// what each turn costs is the engine's formula, to the nanosecond.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint32_t turns = 4;

test::virtual_setup setup_of(const char* api) {
    test::virtual_setup s;
    s.scenario.target.api = api;
    s.scenario.load.concurrency = {1};
    s.scenario.load.requests = 20;
    s.scenario.workload.max_tokens = 32;
    s.scenario.workload.salt = salt_mode::seed;
    s.scenario.workload.system_prompt = "Be kind.";
    s.scenario.workload.conversation.turns = turns;
    return s;
}

nanoseconds ttft_of(const request_record& r) {
    const auto t = r.moments.between(moment::send_start, moment::first_token);
    REQUIRE(t);
    return *t;
}

/// A conversation's turns by its number.
std::map<std::uint64_t, std::vector<request_record>> by_conversation(
    const std::vector<request_record>& records) {
    std::map<std::uint64_t, std::vector<request_record>> out;
    for (const request_record& r : records) {
        REQUIRE(r.turn);
        out[r.turn->conversation].push_back(r);
    }
    return out;
}

}  // namespace

TEST_CASE("conversations: TTFT of a turn is that of what is new in it") {
    for (const char* api : {"lmstudio", "openai-chat", "openai-responses", "lmstudio-v0",
                            "anthropic-messages", "ollama"}) {
        CAPTURE(api);
        const auto setup = setup_of(api);
        const auto result = test::run_virtually(setup);
        const auto& engine = setup.server.engine;
        const auto all = by_conversation(result.records);
        REQUIRE(all.size() == 5);
        for (const auto& [number, asked] : all) {
            REQUIRE(asked.size() == turns);
            std::uint64_t before = 0;
            for (std::uint32_t turn = 0; turn < turns; ++turn) {
                const request_record& r = asked[turn];
                CAPTURE(turn);
                CHECK(r.ended == outcome::completed);
                CHECK(r.turn->turn == turn);
                CHECK(r.turn->turns == turns);
                REQUIRE(r.input_tokens);
                CHECK(*r.input_tokens > before);
                before = *r.input_tokens;
                if (!r.cached_tokens) continue;  // the API does not say
                CHECK((turn == 0) == (*r.cached_tokens == 0));
                // Alone on an idle engine, what is not in the cache in one chunk.
                const auto fresh = static_cast<std::int64_t>(*r.input_tokens - *r.cached_tokens);
                CHECK(ttft_of(r) == engine.step_base + engine.prefill_per_token * fresh);
            }
        }
    }
}

TEST_CASE("conversations: remembered and resent, a turn costs the same") {
    const auto sent_again = [] {
        auto setup = setup_of("openai-responses");
        setup.scenario.workload.conversation.history = history_mode::resent;
        return test::run_virtually(setup).records;
    }();
    for (const char* api : {"lmstudio", "openai-responses"}) {
        const auto remembered = test::run_virtually(setup_of(api)).records;
        REQUIRE(remembered.size() == sent_again.size());
        for (std::size_t i = 0; i < remembered.size(); ++i) {
            CHECK(remembered[i].input_tokens == sent_again[i].input_tokens);
            CHECK(ttft_of(remembered[i]) == ttft_of(sent_again[i]));
        }
    }
}

TEST_CASE("conversations: the tables by turn and by depth") {
    const auto result = test::run_virtually(setup_of("openai-chat"));
    const level_summary& level = result.summary.levels.at(0);
    CHECK(level.conversations.begun == 5);
    CHECK(level.conversations.completed == 5);
    CHECK(level.conversations.broken == 0);
    REQUIRE(level.by_turn.size() == turns);
    for (std::uint32_t turn = 0; turn < turns; ++turn) {
        const ttft_group& g = level.by_turn[turn];
        CHECK(g.from == turn + 1);
        CHECK(g.requests == 5);
        CHECK(g.ttft_ms->count == 5);
    }
    // Each turn has as much more in the cache as it has before it.
    CHECK(*level.by_turn[0].cached_tokens_p50 == 0);
    CHECK(*level.by_turn[3].cached_tokens_p50 > *level.by_turn[1].cached_tokens_p50);
    std::uint64_t requests = 0;
    for (const ttft_group& g : level.by_depth) {
        CHECK((g.from & (g.from - 1)) == 0);
        CHECK(*g.input_tokens_p50 >= static_cast<double>(g.from));
        CHECK(*g.input_tokens_p50 < static_cast<double>(2 * g.from));
        requests += g.requests;
    }
    CHECK(requests == 20);
}

TEST_CASE("conversations: one breaks off where a turn fails, and the rest of it is not sent") {
    auto setup = setup_of("openai-chat");
    setup.server.faults = {{sim::fault::error_mid, 0.3}};
    setup.scenario.limits.max_error_rate = 1;
    const auto result = test::run_virtually(setup);
    const level_summary& level = result.summary.levels.at(0);
    CHECK(level.requests.offered == 20);
    CHECK(level.requests.add_up());
    REQUIRE(level.requests.failed > 0);
    REQUIRE(level.requests.completed > 0);
    std::uint64_t not_sent = 0;
    std::uint64_t completed = 0;
    const auto all = by_conversation(result.records);
    for (const auto& [number, asked] : all) {
        for (const request_record& r : asked) {
            // Nothing follows a failure.
            if (r.ended != outcome::completed) CHECK(&r == &asked.back());
        }
        const request_record& last = asked.back();
        if (last.ended == outcome::failed) not_sent += turns - last.turn->turn - 1;
        completed += last.ended == outcome::completed && last.turn->turn + 1 == turns;
    }
    CHECK(level.requests.not_sent == not_sent);
    CHECK(level.conversations.broken == level.requests.failed);
    CHECK(level.conversations.completed == completed);
    CHECK(level.conversations.begun == all.size());
}

TEST_CASE("conversations: the end of the window cuts them without a failure") {
    auto setup = setup_of("lmstudio");
    setup.scenario.load.requests = 6;
    const level_summary level = test::run_virtually(setup).summary.levels.at(0);
    CHECK(level.requests.offered == 6);
    CHECK(level.requests.not_sent == 0);
    CHECK(level.conversations.begun == 2);
    CHECK(level.conversations.completed == 1);
    CHECK(level.conversations.broken == 0);
}

TEST_CASE("conversations: think time passes between turns, and not before the first") {
    auto setup = setup_of("openai-chat");
    setup.scenario.load.think_time = 500ms;
    const auto result = test::run_virtually(setup);
    for (std::size_t i = 1; i < result.records.size(); ++i) {
        const auto ended = result.records[i - 1].moments.get(moment::end);
        const auto next = result.records[i].moments.get(moment::send_start);
        CHECK(*next - *ended == 500ms);
    }
}

TEST_CASE("conversations: a single request is none") {
    auto setup = setup_of("openai-chat");
    setup.scenario.workload.conversation.turns = 1;
    const auto result = test::run_virtually(setup);
    for (const request_record& r : result.records) CHECK_FALSE(r.turn);
    CHECK(result.summary.levels.at(0).by_turn.empty());
    CHECK(result.summary.levels.at(0).conversations.begun == 0);
}
