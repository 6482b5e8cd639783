// The APIs that are neither LM Studio's own nor OpenAI's chat, over sockets, with the real program
// on both ends.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;

namespace {

/// The records of 16 measured requests of four users, to a server that wants a token.
std::vector<request_record> records_of(const std::string& api) {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0", "--prefill-per-token",
                         "5us", "--load-seconds", "0.1", "--api-token", "a-token"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    const auto run = test::run_lmstress(
        {"run", "--url", sim.url(), "--api", api, "--concurrency", "4", "--requests", "16",
         "--max-tokens", "12", "--warmup", "0s", "--out", out},
        {"LM_API_TOKEN=a-token"});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    return test::read_records(out);
}

}  // namespace

TEST_CASE("other apis: over sockets every request is answered, and every token counted") {
    for (const std::string api : {"anthropic-messages", "ollama"}) {
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
    const auto records = records_of("openai-embeddings");
    REQUIRE(records.size() == 17);  // one goes alone and loads the model
    for (const request_record& r : records) {
        CHECK(r.ended == outcome::completed);
        CHECK(r.events == 0);
        CHECK_FALSE(r.moments.has(moment::first_token));
        CHECK(r.moments.has(moment::end));
        CHECK(r.answered_by == "text-embedding-nomic-embed-text-v1.5");
    }
}
