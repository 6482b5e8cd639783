// Every API beside LM Studio's own and OpenAI's chat (virtual_run_test.cpp), in virtual time
// against the built-in server: what is measured is what the engine did.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint32_t answer_tokens = 32;

test::virtual_setup setup_of(const char* api, std::vector<stream_count> concurrency) {
    return test::twenty_seconds(api, std::move(concurrency), answer_tokens);
}

/// The records of native requests that ask the same: what the server counts is the same.
std::vector<std::optional<std::uint64_t>> native_inputs(const test::virtual_setup& setup) {
    auto native = setup;
    native.scenario.target.api = "lmstudio";
    std::vector<std::optional<std::uint64_t>> out;
    for (const auto& r : test::run_virtually(native).records) out.push_back(r.input_tokens);
    return out;
}

}  // namespace

TEST_CASE("other apis: every moment of every request is the engine's, to the nanosecond") {
    for (const char* api : {"anthropic-messages", "ollama"}) {
        CAPTURE(api);
        const auto result = test::run_virtually(setup_of(api, {1, 4, 16}));
        REQUIRE(result.records.size() > 150);
        for (const request_record& r : result.records) {
            REQUIRE(r.ended == outcome::completed);
            const auto& sent = result.sent.at(r.request_id);
            const auto tokens = test::times_of(sent, "token");
            REQUIRE(tokens.size() == answer_tokens);
            CHECK(r.event_times == tokens);
            CHECK(r.moments.get(moment::first_token) == tokens.front());
            CHECK(r.moments.get(moment::last_token) == tokens.back());
            CHECK(r.moments.get(moment::end) == test::times_of(sent, "done").at(0));
            CHECK(r.output_tokens == answer_tokens);
            CHECK(r.tokens_from == token_source::events);
            CHECK(r.answered_by == "qwen/qwen3-4b");
            CHECK(r.unknown_events == 0);
            sparse_histogram gaps;
            for (std::size_t i = 1; i < tokens.size(); ++i) gaps.record(tokens[i] - tokens[i - 1]);
            CHECK(r.gaps == gaps);
        }
    }
}

TEST_CASE("other apis: the same requests have the same tokens, whichever API carries them") {
    for (const char* api : {"anthropic-messages", "ollama"}) {
        CAPTURE(api);
        auto setup = setup_of(api, {1});
        setup.scenario.load.requests = 12;
        const auto wanted = native_inputs(setup);
        const auto records = test::run_virtually(setup).records;
        REQUIRE(records.size() == wanted.size());
        for (std::size_t i = 0; i < records.size(); ++i) {
            CHECK(records[i].input_tokens == wanted[i]);
        }
    }
}

TEST_CASE("other apis: a full pool and a prompt over the context are told apart on each") {
    for (const char* api : {"anthropic-messages", "ollama"}) {
        CAPTURE(api);
        auto full = setup_of(api, {4});
        full.scenario.workload.max_tokens = 400;
        full.server.engine.context_length = 1200;
        const auto level = test::run_virtually(full).summary.levels[0];
        CHECK(level.requests.add_up());
        REQUIRE(level.errors.contains("context_exhausted"));
        CHECK(level.errors.at("context_exhausted").count == level.requests.failed);
        auto narrow = setup_of(api, {1});
        narrow.server.engine.context_length = 24;
        const auto refused = test::run_virtually(narrow).summary.levels[0];
        CHECK(refused.errors.contains("prompt_too_long"));
    }
}

TEST_CASE("other apis: Ollama's own figures of a request, which name no time to first token") {
    auto setup = setup_of("ollama", {1});
    setup.server.cold = true;
    setup.load_first = true;
    const auto records = test::run_virtually(setup).records;
    REQUIRE(records.size() > 2);
    CHECK(records[0].server_load_ms == doctest::Approx(2000.0));
    for (const request_record& r : records) {
        CHECK_FALSE(r.server_ttft_ms);
        // 32 tokens in the 31 steps of 13 ms after the first one.
        CHECK(r.server_tokens_per_second == doctest::Approx(32 / 0.403));
    }
}

TEST_CASE(
    "other apis: an embedding takes what its prompt takes, and no latency of tokens is made up") {
    auto setup = setup_of("openai-embeddings", {1});
    setup.scenario.load.requests = 12;
    const auto tokens = native_inputs(setup);
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() == tokens.size());
    const auto& engine = setup.server.engine;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const request_record& r = result.records[i];
        REQUIRE(r.ended == outcome::completed);
        CHECK(r.moments.between(moment::send_start, moment::end) ==
              engine.step_base +
                  engine.prefill_per_token * static_cast<std::int64_t>(tokens[i].value()));
        CHECK_FALSE(r.moments.has(moment::first_token));
        CHECK(r.events == 0);
        CHECK_FALSE(r.input_tokens);
        CHECK_FALSE(r.output_tokens);
        CHECK(r.tokens_from == token_source::none);
    }
    const auto& level = result.summary.levels[0];
    REQUIRE(level.metric("e2e_ms") != nullptr);
    CHECK(level.metric("e2e_ms")->count == 12);
    CHECK(level.metric("ttft_ms") == nullptr);
    CHECK(level.metric("tpot_ms") == nullptr);
    CHECK(level.tokens.output == 0);
}

TEST_CASE("other apis: several texts in one request are embedded together") {
    auto setup = setup_of("openai-embeddings", {1, 4});
    setup.scenario.workload.inputs_each = 16;
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() > 100);
    for (const request_record& r : result.records) {
        CHECK(r.ended == outcome::completed);
        CHECK(r.inputs == 16);
        CHECK(r.vector_size == 8);
    }
    for (const level_summary& level : result.summary.levels) {
        CHECK(level.inputs_per_second == doctest::Approx(16 * level.requests_per_second));
        CHECK(level.vector_size == 8);
    }
    // One text takes less than sixteen.
    setup.scenario.workload.inputs_each = 1;
    const auto single = test::run_virtually(setup).summary.levels[0];
    CHECK(single.metric("e2e_ms")->p50 * 2 < result.summary.levels[0].metric("e2e_ms")->p50);
    CHECK(single.inputs_per_second == doctest::Approx(single.requests_per_second));
    // A chat has neither.
    const auto chat = test::run_virtually(setup_of("ollama", {1})).summary.levels[0];
    CHECK_FALSE(chat.inputs_per_second);
    CHECK_FALSE(chat.vector_size);
}

TEST_CASE("other apis: who puts texts into the body alone knows how many there are") {
    auto setup = setup_of("openai-embeddings", {1});
    setup.scenario.load.requests = 4;
    setup.scenario.request.extra = R"({"input":["a","b","c"]})";
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() == 4);
    for (const request_record& r : result.records) {
        CHECK(r.ended == outcome::completed);
        CHECK(r.inputs == 0);
        CHECK(r.vector_size == 8);
    }
    CHECK_FALSE(result.summary.levels[0].inputs_per_second);
}

TEST_CASE(
    "other apis: embeddings of many workers all complete, even what is longer than the context") {
    const auto run = test::run_virtually(setup_of("openai-embeddings", {4, 32}));
    for (const level_summary& level : run.summary.levels) {
        CHECK(level.requests.offered > 100);
        CHECK(level.requests.completed == level.requests.offered);
    }
    auto narrow = setup_of("openai-embeddings", {1});
    narrow.server.engine.context_length = 24;
    const auto cut = test::run_virtually(narrow).summary.levels[0].requests;
    CHECK(cut.offered > 100);
    CHECK(cut.completed == cut.offered);
}
