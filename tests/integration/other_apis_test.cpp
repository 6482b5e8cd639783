// The APIs that are neither LM Studio's own nor OpenAI's chat, over sockets, with the real program
// on both ends.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace lmstress;

namespace {

/// The records of 16 measured requests of four users, to a server that wants a token.
std::vector<request_record> records_of(const std::string& api) {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0", "--prefill-per-token",
                         "5us", "--load-seconds", "0.1", "--api-token", "sk-lm-abcd1234:a-token"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    const auto run = test::run_lmstress(
        {"run", "--url", sim.url(), "--api", api, "--concurrency", "4", "--requests", "16",
         "--max-tokens", "12", "--warmup", "0s", "--out", out},
        {"LM_API_TOKEN=sk-lm-abcd1234:a-token"});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    return test::read_records(out);
}

}  // namespace

TEST_CASE("other apis: over sockets every request is answered, and every token counted") {
    for (const std::string api : {"anthropic-messages", "ollama", "lmstudio-sdk"}) {
        CAPTURE(api);
        const auto records = records_of(api);
        REQUIRE(records.size() == 16);
        for (const request_record& r : records) {
            CHECK(r.ended == outcome::completed);
            CHECK(r.events == 12);
            CHECK(r.output_tokens == 12);
            CHECK(r.input_tokens.value_or(0) > 8);
            CHECK(r.answered_by == "qwen/qwen3-4b");
            CHECK(r.unknown_events == 0);
        }
    }
}

TEST_CASE("other apis: embeddings find the embedding model, load it once and complete") {
    for (const std::string api : {"openai-embeddings", "lmstudio-v0-embeddings"}) {
        CAPTURE(api);
        const auto records = records_of(api);
        REQUIRE(records.size() == 17);  // one goes alone and loads the model
        for (const request_record& r : records) {
            CHECK(r.ended == outcome::completed);
            CHECK(r.events == 0);
            CHECK_FALSE(r.moments.has(moment::first_token));
            CHECK(r.moments.has(moment::end));
            CHECK(r.answered_by == "text-embedding-nomic-embed-text-v1.5");
        }
    }
}

TEST_CASE("several apis: over sockets each has its own rows, and a report from the journal") {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    const auto run = test::run_lmstress(
        {"run", "--url", sim.url(), "--api", "lmstudio,openai-chat,anthropic-messages",
         "--concurrency", "1,3", "--requests", "4", "--max-tokens", "12", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    std::map<std::uint32_t, int> of_level;
    for (const request_record& r : test::read_records(out)) {
        CHECK(r.ended == outcome::completed);
        CHECK(r.output_tokens == 12);
        ++of_level[r.level];
    }
    CHECK(of_level == std::map<std::uint32_t, int>{{0, 4}, {1, 4}, {2, 4}, {3, 4}, {4, 4}, {5, 4}});
    CHECK(run.output.find("APIs     lmstudio, openai-chat, anthropic-messages") !=
          std::string::npos);
    CHECK(run.output.find("3 streams, anthropic-messages against lmstudio: TTFT p50") !=
          std::string::npos);
    const std::string kept = test::content_of(std::filesystem::path{out} / "summary.json");
    const auto again = test::run_lmstress({"report", out});
    CHECK(again.exit_code == 0);
    CHECK(test::content_of(std::filesystem::path{out} / "summary.json") == kept);
    CHECK(again.output.find("1 stream, openai-chat against lmstudio") != std::string::npos);
}

TEST_CASE("several apis: one that the server does not have is named before any request") {
    test::simulator sim{{"--only-v0"}};
    const auto run = test::run_lmstress(
        {"run", "--url", sim.url(), "--api", "openai-chat,lmstudio", "--requests", "1"});
    CHECK(run.exit_code == 3);
    CHECK(run.output.find("does not have lmstudio (POST /api/v1/chat)") != std::string::npos);
    const auto mixed = test::run_lmstress({"run", "--api", "openai-chat,openai-embeddings"});
    CHECK(mixed.exit_code == 2);
    CHECK(mixed.output.find("openai-chat and openai-embeddings ask different models") !=
          std::string::npos);
    const auto twice = test::run_lmstress({"run", "--api", "openai-chat,openai-chat"});
    CHECK(twice.exit_code == 2);
    const auto with_auto = test::run_lmstress({"run", "--api", "auto,openai-chat"});
    CHECK(with_auto.exit_code == 2);
}

TEST_CASE("several apis: a dry run shows the first request of each") {
    const auto run = test::run_lmstress({"run", "--api", "lmstudio,ollama", "--requests", "5",
                                         "--concurrency", "1,2", "--dry-run"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    CHECK(run.output.find("POST /api/v1/chat") != std::string::npos);
    CHECK(run.output.find("POST /api/chat") != std::string::npos);
    CHECK(run.output.find("API        lmstudio, ollama, in turn") != std::string::npos);
    CHECK(run.output.find("5 in the window of each level over each API, 20 in all") !=
          std::string::npos);
}
