// Every API that the built-in server speaks, in virtual time: what the client sees is what the
// engine did, whatever the events are called.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

constexpr std::uint32_t answer_tokens = 32;

struct row {
    const char* api;
    const char* last_event;  ///< in the server's own log
    const char* finish_reason;
};

const std::vector<row> table = {
    {"lmstudio", "chat.end", ""},
    {"openai-chat", "done", "length"},
    {"openai-completions", "done", "length"},
    {"openai-responses", "done", "max_output_tokens"},
    {"lmstudio-v0", "done", "length"},
    {"lmstudio-v0-completions", "done", "length"},
};

nanoseconds time_of(const std::vector<test::sent_event>& sent, std::string_view type) {
    const auto found = std::find_if(sent.rbegin(), sent.rend(),
                                    [&](const test::sent_event& e) { return e.type == type; });
    REQUIRE(found != sent.rend());
    return found->at;
}

nanoseconds of(const request_record& r, moment m) {
    const auto at = r.moments.get(m);
    REQUIRE(at);
    return *at;
}

void check_moments(const request_record& r, const std::vector<test::sent_event>& sent,
                   const row& expected) {
    const auto tokens = test::token_times(sent);
    REQUIRE(tokens.size() == answer_tokens);
    CHECK(r.event_times == tokens);
    CHECK(of(r, moment::first_token) == tokens.front());
    CHECK(of(r, moment::last_token) == tokens.back());
    CHECK(of(r, moment::end) == time_of(sent, expected.last_event));
    sparse_histogram gaps;
    for (std::size_t i = 1; i < tokens.size(); ++i) gaps.record(tokens[i] - tokens[i - 1]);
    CHECK(r.gaps == gaps);
    if (std::string_view{expected.api} == "lmstudio") {
        CHECK(of(r, moment::prefill_start) == time_of(sent, "prompt_processing.start"));
        CHECK(of(r, moment::prefill_end) == time_of(sent, "prompt_processing.end"));
        CHECK(of(r, moment::first_event) == of(r, moment::send_start));
    }
}

/// The server's own, which know nothing of the wait for a slot.
void check_figures(const request_record& r) {
    const auto first = of(r, moment::first_token);
    const auto generation = of(r, moment::last_token) - first;
    const double seconds = std::chrono::duration<double>{generation}.count();
    CHECK(r.server_tokens_per_second ==
          doctest::Approx(static_cast<double>(answer_tokens) / seconds));
    const auto waited = first - of(r, moment::send_start);
    REQUIRE(r.server_ttft_ms);
    CHECK(*r.server_ttft_ms > 0);
    CHECK(*r.server_ttft_ms <= std::chrono::duration<double, std::milli>{waited}.count() + 1e-6);
}

}  // namespace

TEST_CASE("apis: every moment of every request is the engine's, to the nanosecond") {
    for (const row& expected : table) {
        CAPTURE(std::string{expected.api});
        const auto result =
            test::run_virtually(test::twenty_seconds(expected.api, {1, 4, 16}, answer_tokens));
        REQUIRE(result.records.size() > 150);
        for (const request_record& r : result.records) {
            REQUIRE(r.ended == outcome::completed);
            check_moments(r, result.sent.at(r.request_id), expected);
            CHECK(r.output_tokens == answer_tokens);
            CHECK(r.tokens_from == token_source::events);
            CHECK(r.finish_reason == expected.finish_reason);
            CHECK(r.answered_by == "qwen/qwen3-4b");
            CHECK(r.unknown_events == 0);
            if (std::string_view{expected.api}.starts_with("lmstudio")) check_figures(r);
        }
    }
}

TEST_CASE("apis: TTFT is that of the engine's formula, for the prompt as the server counts it") {
    for (const row& expected : table) {
        CAPTURE(std::string{expected.api});
        const std::string system = "You are a gatekeeper of few words.";
        const auto run_with = [&](const std::string& system_prompt) {
            auto setup = test::twenty_seconds(expected.api, {1}, answer_tokens);
            setup.scenario.workload.prompt = "Who goes there?";
            setup.scenario.workload.system_prompt = system_prompt;
            return test::run_virtually(setup);
        };
        const auto with = run_with(system);
        const auto without = run_with("");
        const sim::engine_settings engine;
        for (const request_record& r : with.records) {
            // Alone on an idle engine: T(0, P) = base + P * per token, in one chunk.
            CHECK(r.moments.between(moment::send_start, moment::first_token) ==
                  engine.step_base +
                      engine.prefill_per_token * static_cast<std::int64_t>(*r.input_tokens));
        }
        // The system prompt has come with it: a token each four characters.
        const auto more =
            *with.records.front().input_tokens - *without.records.front().input_tokens;
        CHECK(more >= system.size() / 4);
        CHECK(more <= system.size() / 4 + 2);
    }
}

TEST_CASE("apis: reasoning is the first token and not the answer, wherever a model reasons") {
    struct asked {
        const char* api;
        const char* field;
        const char* value;
    };
    for (const asked& a :
         {asked{"lmstudio", "reasoning", R"("on")"},
          asked{"openai-chat", "reasoning_effort", R"("low")"},
          asked{"openai-responses", "reasoning", R"({"effort":"low"})"},
          asked{"anthropic-messages", "thinking", R"({"type":"enabled","budget_tokens":1024})"},
          asked{"ollama", "think", "true"}, asked{"lmstudio-sdk", "reasoning", R"("on")"}}) {
        CAPTURE(std::string{a.api});
        auto setup = test::twenty_seconds(a.api, {1}, answer_tokens);
        setup.scenario.request.fields = {{a.field, a.value}};
        setup.scenario.load.requests = 3;
        const auto result = test::run_virtually(setup);
        REQUIRE(result.records.size() == 3);
        for (const request_record& r : result.records) {
            REQUIRE(r.ended == outcome::completed);
            CHECK(r.unknown_events == 0);
            CHECK(r.output_tokens == answer_tokens);
            REQUIRE(r.event_times.size() == answer_tokens);
            CHECK(of(r, moment::first_token) == r.event_times.front());
            // The first half of the tokens is reasoning.
            CHECK(of(r, moment::first_answer) == r.event_times[answer_tokens / 2]);
            CHECK(of(r, moment::last_token) == r.event_times.back());
            const std::string_view api = a.api;
            const bool counts = api == "lmstudio" || api.starts_with("openai");
            if (counts) CHECK(r.reasoning_tokens == answer_tokens / 2);
        }
    }
}

TEST_CASE("apis: v0 says what answers, and each level keeps what the first answer said") {
    for (const char* api : {"lmstudio-v0", "lmstudio-v0-completions"}) {
        CAPTURE(api);
        auto setup = test::twenty_seconds(api, {1, 2}, answer_tokens);
        setup.server.engine.context_length = 6000;
        const auto result = test::run_virtually(setup);
        for (const auto& level : result.summary.levels) {
            REQUIRE(level.engine);
            CHECK(level.engine->arch == "built-in");
            CHECK(level.engine->quant == "Q4_K_M");
            CHECK(level.engine->format == "gguf");
            CHECK(level.engine->context_length == 6000);
            CHECK(level.engine->runtime == "lmstress-sim");
            CHECK_FALSE(level.draft);
        }
        for (const auto& r : result.records) CHECK(r.stop_reason == "maxPredictedTokensReached");
    }
}

TEST_CASE("apis: what came of a draft model's tokens is summed over a level") {
    for (const char* api : {"openai-chat", "lmstudio-v0", "lmstudio-sdk"}) {
        CAPTURE(api);
        auto setup = test::twenty_seconds(api, {1}, answer_tokens);
        setup.scenario.request.fields = {{"draft_model", R"("tiny")"}};
        setup.scenario.load.requests = 4;
        const auto result = test::run_virtually(setup);
        CHECK(result.summary.levels[0].draft == draft_counts{128, 96, 16, 16, "tiny"});
    }
}

TEST_CASE("apis: what an API cannot express is left out of its requests alone, and kept") {
    auto setup = test::twenty_seconds("lmstudio,openai-chat", {1}, answer_tokens);
    setup.scenario.load.requests = 4;
    setup.scenario.request.allow_missing = true;
    // LM Studio's own API refuses a field that it does not know.
    setup.scenario.request.fields = {{"frequency_penalty", "0.5"}};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.summary.levels.size() == 2);
    const std::vector<std::string> missing = {"frequency_penalty"};
    CHECK(result.summary.levels[0].setup.left_out == missing);
    CHECK(result.summary.levels[1].setup.left_out.empty());
    for (const auto& level : result.summary.levels) CHECK(level.requests.completed == 4);
}
