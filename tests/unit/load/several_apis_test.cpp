// Several APIs that take turns, in virtual time against the built-in server.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint32_t answer_tokens = 32;
const std::vector<std::string> names = {"lmstudio", "openai-chat", "anthropic-messages"};

test::virtual_setup setup_of(std::vector<stream_count> concurrency) {
    return test::twenty_seconds("lmstudio,openai-chat,anthropic-messages", std::move(concurrency),
                                answer_tokens);
}

}  // namespace

TEST_CASE("several apis: requests go over each in turn, and each round begins with the next") {
    const auto result = test::run_virtually(setup_of({1, 4}));
    REQUIRE(result.summary.levels.size() == 6);
    for (std::uint32_t i = 0; i < 6; ++i) {
        const level_setup& s = result.summary.levels[i].setup;
        CHECK(s.index == i);
        CHECK(s.target.api == names[i % 3]);
        CHECK(s.concurrency == (i < 3 ? 1 : 4));
    }
    // By level of concurrency and phase: the window begins with a round of its own.
    std::map<std::pair<std::uint32_t, run_phase>, std::vector<std::uint32_t>> lanes;
    std::map<std::uint64_t, const request_record*> in_order;
    for (const request_record& r : result.records) in_order[r.index] = &r;
    for (const auto& [index, r] : in_order) lanes[{r->level / 3, r->phase}].push_back(r->level % 3);
    for (const auto& [part, turns] : lanes) {
        REQUIRE(turns.size() > 3);
        const std::uint32_t first = turns[0];
        for (std::size_t i = 0; i < turns.size(); ++i) {
            CHECK(turns[i] == (first + i / 3 + i % 3) % 3);  // and each round with the next lane
        }
    }
}

TEST_CASE("several apis: each is answered in its own words, exact to the nanosecond") {
    const auto result = test::run_virtually(setup_of({1, 4, 16}));
    std::map<std::uint32_t, std::uint64_t> requests;
    for (const request_record& r : result.records) {
        REQUIRE(r.ended == outcome::completed);
        ++requests[r.level];
        const auto& sent = result.sent.at(r.request_id);
        const auto tokens = test::token_times(sent);
        REQUIRE(tokens.size() == answer_tokens);
        CHECK(r.event_times == tokens);
        CHECK(r.moments.get(moment::first_token) == tokens.front());
        CHECK(r.moments.get(moment::end) == sent.back().at);
        CHECK(r.output_tokens == answer_tokens);
        CHECK(r.unknown_events == 0);
        // Only LM Studio's own API says when the prompt is worked on.
        CHECK(r.moments.has(moment::prefill_start) == (r.level % 3 == 0));
    }
    REQUIRE(requests.size() == 9);
    for (const auto& [level, n] : requests) {
        const std::uint64_t first = requests.at(level / 3 * 3);
        CHECK(n <= first + 2);
        CHECK(n + 2 >= first);
    }
}

TEST_CASE("several apis: each gets the same prompts, and as many of them as were asked for") {
    auto setup = setup_of({2});
    setup.scenario.load.requests = 7;
    const auto result = test::run_virtually(setup);
    std::map<std::uint32_t, std::vector<std::uint64_t>> tokens;
    for (const request_record& r : result.records) {
        tokens[r.level].push_back(r.input_tokens.value());
    }
    for (const level_summary& level : result.summary.levels) {
        CHECK(level.requests.offered == 7);
        CHECK(level.requests.completed == 7);
    }
    // Of two workers the answers may come in another order than the requests.
    for (auto& [level, all] : tokens) std::sort(all.begin(), all.end());
    CHECK(tokens.at(0).size() == 7);
    CHECK(tokens.at(0) == tokens.at(1));
    CHECK(tokens.at(0) == tokens.at(2));
}

TEST_CASE("several apis: a warm-up leaves each as many requests, and all of them one window") {
    auto setup = setup_of({2});
    setup.scenario.load.requests = 7;
    setup.scenario.load.warmup = 2s;
    const auto levels = test::run_virtually(setup).summary.levels;
    for (const level_summary& level : levels) {
        CHECK(level.requests.offered == 7);
        CHECK(level.requests.completed == 7);
        CHECK(level.course.window_begin == nanoseconds{2s});
        CHECK(level.course.window_end == levels[0].course.window_end);
    }
}

TEST_CASE("several apis: the live line counts the requests of all of them") {
    auto setup = setup_of({2});
    setup.scenario.load.requests = 5;
    setup.looks = {1s};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.looks.at(0));
    CHECK(result.looks[0]->plan.wanted_requests == 15);
    CHECK(result.looks[0]->plan.level == 1);
    CHECK(result.looks[0]->plan.levels == 1);
}

TEST_CASE("several apis: a model that is not in memory is loaded by one request of the first") {
    auto setup = setup_of({4});
    setup.server.cold = true;
    setup.load_first = true;
    const auto result = test::run_virtually(setup);
    const request_record& first = result.records.at(0);
    CHECK(first.level == 0);
    CHECK(first.phase == run_phase::warmup);
    CHECK(first.server_load_ms == doctest::Approx(2000.0));
    for (std::size_t i = 1; i < result.records.size(); ++i) {
        CHECK_FALSE(result.records[i].server_load_ms);
    }
}
