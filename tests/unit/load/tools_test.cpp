// Tools that the server calls itself, in virtual time: what the client makes of them is what the
// server did.

#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

test::virtual_setup setup_of(const char* api) {
    test::virtual_setup s;
    s.scenario.target.api = api;
    s.scenario.load.concurrency = {1};
    s.scenario.load.requests = 5;
    s.scenario.workload.max_tokens = 16;
    s.scenario.workload.salt = salt_mode::seed;
    s.server.tool_time = 700ms;
    if (std::string{api} == "lmstudio") {
        s.scenario.workload.integrations = {
            R"({"type":"ephemeral_mcp","server_label":"hub","server_url":"http://h/mcp",)"
            R"("allowed_tools":["model_search"]})"};
    } else {
        s.scenario.request.extra =
            R"({"tools":[{"type":"mcp","server_label":"hub","server_url":"http://h/mcp",)"
            R"("allowed_tools":["model_search"]}]})";
    }
    return s;
}

const tool_span& call_of(const request_record& r) {
    REQUIRE_FALSE(r.tool_calls.empty());
    return r.tool_calls.back();  // on responses the list of tools comes before
}

}  // namespace

TEST_CASE("tools: each call is a span as long as the tool ran, and in no gap") {
    for (const char* api : {"lmstudio", "openai-responses"}) {
        CAPTURE(api);
        const auto setup = setup_of(api);
        const auto result = test::run_virtually(setup);
        REQUIRE(result.records.size() == 5);
        for (const request_record& r : result.records) {
            REQUIRE(r.ended == outcome::completed);
            CHECK(r.unknown_events == 0);
            const tool_span& call = call_of(r);
            CHECK(call.name == "model_search");
            CHECK_FALSE(call.failed);
            REQUIRE(call.called);
            REQUIRE(call.end);
            // Seven tokens more of arguments after the first one, T(1, 0) = 13 ms each.
            CHECK(*call.called - call.start == 7 * 13ms);
            CHECK(*call.end - *call.called == 700ms);
            // The tool, then its 16 tokens of result: T(0, 16) = 12 ms + 16 * 0.25 ms.
            CHECK(r.tool_gaps == 700ms + 16ms);
            CHECK(r.gaps.exact().max_ns == 13'000'000);
            CHECK(r.output_tokens == 8 + 16);
        }
        const level_summary& level = result.summary.levels.at(0);
        CHECK(level.tools.at("model_search").calls == 5);
        CHECK(level.tools.at("model_search").failed == 0);
        CHECK(level.tools.at("model_search").ms->p50 == 791.0);
        CHECK(level.metric("event_gap_ms")->max == 13.0);
    }
}

TEST_CASE("tools: calls that fail are counted, and the answer goes on") {
    for (const char* api : {"lmstudio", "openai-responses"}) {
        CAPTURE(api);
        auto setup = setup_of(api);
        setup.server.tools_fail = true;
        const auto result = test::run_virtually(setup);
        for (const request_record& r : result.records) {
            CHECK(r.ended == outcome::completed);
            CHECK(call_of(r).failed);
        }
        CHECK(result.summary.levels.at(0).tools.at("model_search").failed == 5);
    }
}

TEST_CASE("tools: asking for the list of them is a span too") {
    const auto result = test::run_virtually(setup_of("openai-responses"));
    const level_summary& level = result.summary.levels.at(0);
    CHECK(level.tools.at("mcp_list_tools").calls == 5);
    CHECK(level.tools.at("mcp_list_tools").ms->max == 0.0);
}
