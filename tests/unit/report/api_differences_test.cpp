#include "report/api_differences.hpp"

#include "report/warnings.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

using namespace lmstress;

namespace {

level_summary level(std::uint32_t index, const char* api, double ttft, double e2e, double rate) {
    level_summary s;
    s.setup = test::level_setup_of(index, 4);
    s.setup.target.api = api;
    s.requests.offered = s.requests.completed = 10;
    s.metrics = {{"ttft_ms", distribution{.count = 10, .p50 = ttft}},
                 {"e2e_ms", distribution{.count = 10, .p50 = e2e}},
                 {"stream_tokens_per_second", distribution{.count = 10, .p50 = rate}}};
    s.tokens = {.input = 350, .output = 1280, .source = "server"};
    s.output_tokens_per_second = 100;
    return s;
}

run_summary two() {
    run_summary r;
    r.levels = {level(0, "lmstudio", 40, 1700, 60), level(1, "openai-chat", 42.5, 1683, 60.6)};
    r.exit_code = 0;
    return r;
}

}  // namespace

TEST_CASE("api differences: none where there is one API") {
    run_summary r = two();
    r.levels.pop_back();
    CHECK(report::api_differences(r).empty());
}

TEST_CASE("api differences: of latencies and the rate of a stream, and the throughput of all") {
    const auto said = report::api_differences(two());
    REQUIRE(said.size() == 3);
    CHECK(said[0] ==
          "4 streams, openai-chat against lmstudio: TTFT p50 +2.50 ms (+6.2 %), E2E p50 -17 ms "
          "(-1.0 %), tok/s of a stream +0.60 (+1.0 %).");
    CHECK(said[1] == "4 streams: 200 tok/s in all.");
    CHECK(said[2].find("Throughput does not") != std::string::npos);
}

TEST_CASE("api differences: answers of other lengths are not compared, other prompts are named") {
    run_summary r = two();
    r.levels[1].tokens = {.input = 310, .output = 970, .source = "server"};
    const std::string said = report::api_differences(r).at(0);
    CHECK(said.find("E2E p50") == std::string::npos);
    CHECK(said.find("E2E not compared, for the answers have 128.0 and 97.0 tokens on average") !=
          std::string::npos);
    CHECK(said.find("the same prompts are 35.0 and 31.0 tokens to the server") !=
          std::string::npos);
    // Where some failed it is not known whose tokens these are.
    r.levels[1].requests = {.offered = 10, .completed = 9, .failed = 1};
    CHECK(report::api_differences(r).at(0).find("E2E p50") != std::string::npos);
}

TEST_CASE("api differences: each level of concurrency is a group of its own") {
    run_summary r = two();
    r.levels.push_back(level(2, "lmstudio", 80, 1700, 60));
    r.levels.push_back(level(3, "openai-chat", 60, 1700, 60));
    r.levels[2].setup.concurrency = r.levels[3].setup.concurrency = 1;
    const auto said = report::api_differences(r);
    REQUIRE(said.size() == 5);
    CHECK(said[2].starts_with("1 stream, openai-chat against lmstudio: TTFT p50 -20 ms (-25.0 %)"));
}

TEST_CASE("warnings: of several APIs each is named, and one without an answer is told") {
    run_summary r = two();
    r.levels[1].requests = {.offered = 10, .failed = 10};
    r.levels[1].errors = {{"bad_request", {10, "HTTP 404: no such route"}}};
    CHECK(report::warnings(r).at(0).starts_with(
        "4 streams, openai-chat: 10 requests ended as bad_request"));
    CHECK(report::api_without_answer(r) == "openai-chat");
    CHECK(report::nothing_completed(r).sentence ==
          "no request over openai-chat completed: 10 requests ended as bad_request: HTTP 404: no "
          "such route");
    CHECK(report::api_without_answer(two()).empty());
}
