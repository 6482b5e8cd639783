// Every API over sockets, with the real program on both ends.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

TEST_CASE("apis: over sockets every request is answered, and every token counted") {
    for (const std::string api : {"lmstudio", "openai-chat", "openai-completions",
                                  "openai-responses", "lmstudio-v0", "lmstudio-v0-completions"}) {
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

TEST_CASE("apis: what one cannot express ends the run before it begins, or is left out and said") {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    const auto run = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments = {"run",
                                              "--url",
                                              sim.url(),
                                              "--api",
                                              "lmstudio,openai-chat",
                                              "--set",
                                              "request.min_p=0.1",
                                              "--set",
                                              "request.stop=[\"x\"]",
                                              "--requests",
                                              "2",
                                              "--max-tokens",
                                              "4",
                                              "--out",
                                              out};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return test::run_lmstress(arguments);
    };
    const auto refused = run({});
    CHECK(refused.exit_code == 2);
    CHECK(refused.output.find("lmstudio has no way to express stop; openai-chat has no way to "
                              "express min_p") != std::string::npos);
    CHECK(refused.output.find("--allow-missing") != std::string::npos);

    const auto goes_on = run({"--allow-missing"});
    CAPTURE(goes_on.output);
    CHECK(goes_on.exit_code == 0);
    CHECK(goes_on.output.find("lmstudio has no way to express stop: its requests go without") !=
          std::string::npos);
    const auto summary = std::filesystem::path{out} / "summary.json";
    const std::string kept = test::content_of(summary);
    CHECK(kept.find("\"left_out\"") != std::string::npos);
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(summary) == kept);

    const auto rehearsed = run({"--allow-missing", "--dry-run"});
    CHECK(rehearsed.exit_code == 0);
    CHECK(rehearsed.output.find("left out   openai-chat has no way to express min_p") !=
          std::string::npos);
}
