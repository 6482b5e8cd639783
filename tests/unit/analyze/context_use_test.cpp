#include "analyze/context_use.hpp"

#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

analyze::measured_level stressed(bool unified, const std::string& api = "openai-chat",
                                 bool divided = true, bool calibrated = false) {
    test::virtual_setup setup;
    setup.server.engine.parallel = 4;
    setup.server.engine.unified_kv = unified;
    setup.server.engine.context_length = 2048;
    setup.scenario.load.concurrency = {4};
    setup.scenario.load.duration = 60s;
    setup.scenario.workload.synthetic = token_lengths{.a = 200};
    setup.scenario.workload.calibrate = calibrated;
    setup.scenario.workload.max_tokens = 600;
    setup.server.engine.divide_context = divided;
    setup.scenario.target.api = api;
    auto level = test::virtual_level(setup);
    server_settings& told = level.summary.setup.server;
    told.parallel.confirmed = 4;
    told.unified_kv.confirmed = unified;
    told.context_length = {.confirmed = 2048, .source = "GET /api/v1/models"};
    return level;
}

}  // namespace

TEST_CASE("context: a pool that is full is told by the demand at which it was") {
    const auto level = stressed(true);
    const auto e = analyze::pool_exhaustion_of(level).value();
    CHECK(e.streams == 4);
    CHECK(e.failed > 0);
    // The pool of 2048 could not hold the next step, or the chunk of a prompt. None of the prompts
    // was ever counted, and each was some tokens longer than was asked for.
    CHECK(e.demand <= 2048);
    CHECK(e.demand >= 2048 - 64);
    CHECK_FALSE(analyze::context_limit_of(level, 600).has_value());
}

TEST_CASE("context: what did not fit is in the demand, where the length of prompts is known") {
    const auto level = stressed(true, "openai-chat", true, true);
    const auto e = analyze::pool_exhaustion_of(level).value();
    CHECK(e.streams == 4);
    // With the next token of each, one of which at least was too much; each prompt is as long as
    // was asked for but for a token.
    CHECK(e.demand > 2048 - 4);
    CHECK(e.demand <= 2048 + 4 + 4);
}

TEST_CASE("context: of a prompt that was not counted it is known how much longer others were") {
    const auto request = [](nanoseconds at, std::optional<std::uint64_t> counted) {
        request_record r;
        r.phase = run_phase::measured;
        r.asked_tokens = 200;
        r.input_tokens = counted;
        r.ended = outcome::completed;
        r.moments.set(moment::send_start, at);
        return r;
    };
    analyze::measured_level level;
    level.requests = {request(1s, 210), request(2s, 214), request(3s, std::nullopt)};
    request_record& refused = level.requests.back();
    refused.ended = outcome::failed;
    refused.error = request_error{failure_kind::context_exhausted};
    refused.broke = 4s;
    const auto e = analyze::pool_exhaustion_of(level).value();
    // It never ran, and wanted its prompt.
    CHECK(e.streams == 1);
    CHECK(e.demand == 212);
    // With two tokens of an answer it wants the third.
    refused.moments.set(moment::first_token, 3200ms);
    refused.moments.set(moment::last_token, 3400ms);
    refused.events = 2;
    CHECK(analyze::pool_exhaustion_of(level)->demand == 215);
}

TEST_CASE("context: with a share for each stream, an answer ends where its own is full") {
    const auto level = stressed(false);
    CHECK_FALSE(analyze::pool_exhaustion_of(level).has_value());
    const auto l = analyze::context_limit_of(level, 600).value();
    CHECK(l.answers > 0);
    CHECK(l.prompts == 0);
    CHECK(l.tokens.value() <= 2048 / 4);
    CHECK(l.tokens.value() >= 2048 / 4 - 2);
    // An answer that ends as it was asked to is no limit.
    CHECK_FALSE(analyze::context_limit_of(level, 100).has_value());
}

TEST_CASE("context: LM Studio's own API gives no reason, and a full share is seen by its size") {
    auto level = stressed(false, "lmstudio");
    const auto l = analyze::context_limit_of(level, 600).value();
    CHECK(l.tokens.value() <= 2048 / 4);
    CHECK(l.tokens.value() >= 2048 / 4 - 4);
    // As many as an API that gives reasons tells of, in the same time.
    const auto told = analyze::context_limit_of(stressed(false), 600).value();
    CHECK(l.answers > told.answers / 2);
    CHECK(l.answers < told.answers * 2);
    // A pool ends nobody's answer so, and answers that end as they were asked to are not full.
    CHECK_FALSE(analyze::context_limit_of(stressed(true, "lmstudio"), 600).has_value());
    CHECK_FALSE(analyze::context_limit_of(level, 100).has_value());
    // Of a server that does not tell its settings nothing is concluded.
    level.summary.setup.server = {};
    CHECK_FALSE(analyze::context_limit_of(level, 600).has_value());
    // Where each stream has the whole context, a quarter of it is no limit.
    CHECK_FALSE(analyze::context_limit_of(stressed(false, "lmstudio", false), 600).has_value());
}

TEST_CASE("context: requests before the window, as those that calibrate prompts, are no limit") {
    auto level = stressed(false);
    REQUIRE(analyze::context_limit_of(level, 600).has_value());
    for (request_record& r : level.requests) r.phase = run_phase::warmup;
    CHECK_FALSE(analyze::context_limit_of(level, 600).has_value());
}

TEST_CASE("context: prompts that were refused are no answers that ended, nor how long those are") {
    for (const char* api : {"openai-chat", "lmstudio"}) {
        CAPTURE(api);
        auto level = stressed(false, api);
        const auto before = analyze::context_limit_of(level, 600).value();
        CHECK(before.prompts == 0);
        request_record refused;
        refused.phase = run_phase::measured;
        refused.ended = outcome::failed;
        refused.error = request_error{failure_kind::prompt_too_long};
        refused.input_tokens = 5000;
        level.requests.push_back(refused);
        const auto after = analyze::context_limit_of(level, 600).value();
        CHECK(after.answers == before.answers);
        CHECK(after.tokens == before.tokens);
        CHECK(after.prompts == 1);
        // Alone they are a limit as well, of no length that would be known.
        level.requests = {refused};
        const auto alone = analyze::context_limit_of(level, 600).value();
        CHECK(alone.answers == 0);
        CHECK(alone.prompts == 1);
        CHECK_FALSE(alone.tokens.has_value());
    }
}

TEST_CASE("context: a pool that is full before the window is none of the level's") {
    auto level = stressed(true);
    const auto whole = analyze::pool_exhaustion_of(level).value();
    bool first = true;
    for (request_record& r : level.requests) {
        if (r.phase != run_phase::measured) continue;
        if (!r.error || r.error->kind != failure_kind::context_exhausted) continue;
        if (std::exchange(first, false)) r.phase = run_phase::warmup;
    }
    CHECK(analyze::pool_exhaustion_of(level).value().failed == whole.failed - 1);
    for (request_record& r : level.requests) r.phase = run_phase::warmup;
    CHECK_FALSE(analyze::pool_exhaustion_of(level).has_value());
}

TEST_CASE("context: of streams that a full pool ends one after the other all are counted") {
    auto level = stressed(true);
    const auto whole = analyze::pool_exhaustion_of(level).value();
    const nanoseconds at = whole.at + *level.summary.course.window_begin;
    const auto ended_then = [&](const request_record& r) { return r.broke == at; };
    const auto first = std::find_if(level.requests.begin(), level.requests.end(), ended_then);
    REQUIRE(first != level.requests.end());
    const auto other =
        std::find_if(level.requests.begin(), level.requests.end(), [&](const request_record& r) {
            const auto began = r.moments.get(moment::first_token);
            const auto end = r.moments.get(moment::end);
            return began && *began < at && &r != &*first && (end ? *end >= at : r.broke >= at);
        });
    REQUIRE(other != level.requests.end());
    // One that was sent before the window is ended first.
    first->phase = run_phase::warmup;
    other->phase = run_phase::measured;
    other->ended = outcome::failed;
    other->error = first->error;
    other->broke = at + 200us;
    const auto e = analyze::pool_exhaustion_of(level).value();
    CHECK(e.streams == whole.streams);
    CHECK(e.demand == whole.demand);
}

TEST_CASE("context: enough of it for all is neither") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 20s;
    const auto level = test::virtual_level(setup);
    CHECK_FALSE(analyze::pool_exhaustion_of(level).has_value());
    CHECK_FALSE(analyze::context_limit_of(level, 128).has_value());
}
