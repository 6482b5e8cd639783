#include "load/response_cache.hpp"

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint64_t different_prompts = 48;  // those that are built in

test::virtual_setup rehearsal(std::vector<stream_count> concurrency) {
    test::virtual_setup s;
    s.scenario.load.concurrency = std::move(concurrency);
    s.scenario.workload.max_tokens = 16;
    s.scenario.workload.salt = salt_mode::none;
    s.scenario.request.response_cache = true;
    return s;
}

request_record answered(nanoseconds sent, nanoseconds end, outcome how = outcome::completed) {
    request_record r;
    r.ended = how;
    r.moments.set(moment::send_start, sent);
    r.moments.set(moment::end, end);
    return r;
}

}  // namespace

TEST_CASE("response_cache: what was completed is found by its API and its body") {
    const api::api& native = *api::find_api("lmstudio");
    const api::api& other = *api::find_api("openai-chat");
    load::response_cache cache;
    CHECK_FALSE(cache.find({&native, "head", "body"}));
    cache.keep({&native, "head", "body"}, answered(1s, 3s));
    CHECK(cache.find({&native, "other head", "body"}) == nanoseconds{2s});
    CHECK_FALSE(cache.find({&native, "head", "body "}));
    CHECK_FALSE(cache.find({&other, "head", "body"}));
    // The first answer's time stays.
    cache.keep({&native, "head", "body"}, answered(1s, 9s));
    CHECK(cache.find({&native, "head", "body"}) == nanoseconds{2s});
}

TEST_CASE("response_cache: what failed is not kept, and no answer takes no time at all") {
    const api::api& native = *api::find_api("lmstudio");
    load::response_cache cache;
    for (const outcome how : {outcome::failed, outcome::timed_out, outcome::censored}) {
        cache.keep({&native, "", "a"}, answered(1s, 2s, how));
    }
    CHECK_FALSE(cache.find({&native, "", "a"}));
    cache.keep({&native, "", "b"}, answered(1s, 1s));
    CHECK(cache.find({&native, "", "b"}) == nanoseconds{1ms});
}

TEST_CASE("response_cache: a run asks the server once for each request, and measures only those") {
    auto setup = rehearsal({1});
    setup.scenario.load.requests = 100;
    const auto run = test::run_virtually(setup);
    REQUIRE(run.records.size() == 100);
    CHECK(run.sent.size() == different_prompts);
    const auto& level = run.summary.levels[0];
    CHECK(level.requests.offered == different_prompts);
    CHECK(level.requests.completed == different_prompts);
    CHECK(level.requests.from_cache == 100 - different_prompts);
    CHECK(level.metric("ttft_ms")->count == different_prompts);
    CHECK(level.metric("e2e_intended_ms")->count == different_prompts);
    // One user, whose next request follows the end of the last one: an answer from memory takes as
    // long as the same one took.
    const auto intended = [&](std::size_t i) {
        return *run.records[i].moments.get(moment::intended);
    };
    for (std::size_t i = different_prompts; i < 99; ++i) {
        const request_record& r = run.records[i];
        const request_record& first = run.records[i % different_prompts];
        CHECK(r.from_cache);
        CHECK_FALSE(r.moments.has(moment::send_start));
        CHECK_FALSE(first.from_cache);
        CHECK(intended(i + 1) - intended(i) ==
              first.moments.between(moment::send_start, moment::end));
    }
}

TEST_CASE("response_cache: a level that ends by its duration goes at the server's pace") {
    auto setup = rehearsal({4, 8});
    setup.scenario.load.duration = 60s;
    const auto fresh = [&] {
        auto without = setup;
        without.scenario.request.response_cache = false;
        return test::run_virtually(without).records.size();
    }();
    const auto run = test::run_virtually(setup);
    // No queue forms for what is in memory, so it may be some more, but not thousands.
    CHECK(run.records.size() < 8 * fresh);
    for (const auto& level : run.summary.levels) {
        CHECK(level.window_seconds == 60);
        CHECK(level.requests.from_cache > 0);
        CHECK(level.requests.add_up());
    }
    // All that the second level asks is in memory: it has no figure, and no token arrived.
    CHECK(run.summary.levels[1].requests.offered == 0);
    CHECK(run.summary.levels[1].metric("ttft_ms") == nullptr);
    CHECK(run.summary.levels[1].output_tokens_per_second == 0);
}

TEST_CASE("response_cache: without it, and with different prompts, nothing is from memory") {
    for (const bool on : {false, true}) {
        auto setup = rehearsal({2});
        setup.scenario.load.requests = 100;
        setup.scenario.request.response_cache = on;
        if (on) setup.scenario.workload.salt = salt_mode::seed;
        const auto run = test::run_virtually(setup);
        CHECK(run.sent.size() == 100);
        CHECK(run.summary.levels[0].requests.from_cache == 0);
    }
}
