// Load over the SDK's socket, in virtual time against the built-in server.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint32_t answer_tokens = 24;

test::virtual_setup setup_of(std::vector<stream_count> concurrency) {
    return test::twenty_seconds("lmstudio-sdk", std::move(concurrency), answer_tokens);
}

/// The simulator knows a prediction by its channel, which is the number of the request.
const std::vector<test::sent_event>& sent_for(const test::virtual_result& run,
                                              const request_record& r) {
    return run.sent.at(std::to_string(r.index + 1) + "@sdk");
}

}  // namespace

TEST_CASE("lmstudio-sdk: every moment of every request is the engine's, to the nanosecond") {
    const auto result = test::run_virtually(setup_of({1, 4, 16}));
    REQUIRE(result.records.size() > 150);
    std::uint64_t connections = 0;
    for (const request_record& r : result.records) {
        REQUIRE(r.ended == outcome::completed);
        const auto tokens = test::token_times(sent_for(result, r));
        const auto prefill = test::times_of(sent_for(result, r), "promptProcessingProgress");
        REQUIRE(tokens.size() == answer_tokens);
        CHECK(r.event_times == tokens);
        CHECK(r.moments.get(moment::prefill_start) == prefill.front());
        CHECK(r.moments.get(moment::prefill_end) == prefill.back());
        CHECK(r.moments.get(moment::first_token) == tokens.front());
        CHECK(r.moments.get(moment::last_token) == tokens.back());
        CHECK(r.moments.get(moment::end) == sent_for(result, r).back().at);
        CHECK_FALSE(r.moments.has(moment::headers));
        CHECK(r.output_tokens == answer_tokens);
        CHECK(r.tokens_from == token_source::exact);
        CHECK(r.cached_tokens == 0);
        CHECK(r.finish_reason == "maxPredictedTokensReached");
        CHECK(r.answered_by == "qwen/qwen3-4b");
        CHECK(r.unknown_events == 0);
        connections += r.moments.has(moment::connect_start);
    }
    // A socket for each user, and all of its requests on it.
    CHECK(connections == 1 + 4 + 16);
}

TEST_CASE("lmstudio-sdk: the server's own figures, and the queue before its prefill") {
    const auto alone = test::run_virtually(setup_of({1}));
    for (const request_record& r : alone.records) {
        const auto ttft = r.moments.between(moment::send_start, moment::first_token);
        REQUIRE(ttft);
        CHECK(r.server_ttft_ms == doctest::Approx(static_cast<double>(ttft->count()) / 1e6));
    }
    const auto waiting = test::run_virtually(setup_of({8}));
    CHECK(waiting.summary.levels[0].metric("queue_ms")->p50 > 200);
}

TEST_CASE("lmstudio-sdk: no socket, no model, a token refused and a full pool are told apart") {
    const auto kinds = [](const test::virtual_setup& setup) {
        std::set<std::string> out;
        for (const request_record& r : test::run_virtually(setup).records) {
            if (r.error && r.error->kind) out.insert(std::string{to_string(*r.error->kind)});
        }
        return out;
    };
    auto no_socket = setup_of({1});
    no_socket.server.sdk_socket = false;
    no_socket.scenario.load.requests = 2;
    CHECK(kinds(no_socket) == std::set<std::string>{"bad_request"});
    auto unloaded = setup_of({1});
    unloaded.server.cold = true;
    CHECK(kinds(unloaded) == std::set<std::string>{"model_not_found"});
    auto stranger = setup_of({1});
    stranger.server.api_token = "sk-lm-abcd1234:key";
    CHECK(kinds(stranger) == std::set<std::string>{"unauthorized"});
    auto narrow = setup_of({4});
    narrow.server.engine.context_length = 220;
    CHECK(kinds(narrow).contains("context_exhausted"));
    narrow.server.engine.context_length = 16;
    CHECK(kinds(narrow) == std::set<std::string>{"prompt_too_long"});
}

TEST_CASE("lmstudio-sdk: beside HTTP APIs, each request has a connection of its kind") {
    auto setup = setup_of({4});
    setup.scenario.target.api = "lmstudio,lmstudio-sdk,openai-chat";
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() > 50);
    for (const request_record& r : result.records) CHECK(r.ended == outcome::completed);
}

TEST_CASE("lmstudio-sdk: what Ctrl-C cuts is censored") {
    auto setup = setup_of({4});
    setup.scenario.workload.max_tokens = 4000;
    setup.interrupts = {2s, 2500ms};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() == 4);
    for (const request_record& r : result.records) CHECK(r.ended == outcome::censored);
}
