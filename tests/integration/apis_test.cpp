// Every API over sockets, with the real program on both ends.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <doctest/doctest.h>

#include <string>

TEST_CASE("apis: over sockets every request is answered, and every token counted") {
    for (const std::string api :
         {"lmstudio", "openai-chat", "openai-completions", "openai-responses", "lmstudio-v0"}) {
        CAPTURE(api);
        test::simulator sim{
            {"--step-base", "2ms", "--step-per-stream", "0", "--prefill-per-token", "5us"}};
        const test::temporary_directory directory;
        const std::string out = directory.path() / "result";
        const auto run =
            test::run_lmstress({"run", "--url", sim.url(), "--api", api, "--concurrency", "4",
                                "--requests", "16", "--max-tokens", "12", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 16);
        for (const auto& r : records) {
            CHECK(r.ended == lmstress::outcome::completed);
            CHECK(r.events == 12);
            CHECK(r.output_tokens == 12);
            CHECK(r.input_tokens.value_or(0) > 8);
            CHECK(r.answered_by == "qwen/qwen3-4b");
            CHECK(r.unknown_events == 0);
        }
    }
}
