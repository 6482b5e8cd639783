// Conversations over sockets, with the real program on both ends.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

const std::vector<std::string> fast = {"--step-base",         "2ms", "--step-per-stream", "0",
                                       "--prefill-per-token", "5us"};

}  // namespace

TEST_CASE("conversations: over sockets the answer of each turn is in the next, on each API") {
    for (const std::string api :
         {"lmstudio", "openai-chat", "openai-completions", "openai-responses", "lmstudio-v0",
          "anthropic-messages", "ollama"}) {
        CAPTURE(api);
        test::simulator sim{fast};
        const test::temporary_directory directory;
        const std::string out = directory.path() / "result";
        const auto run = test::run_lmstress({"run", "--url", sim.url(), "--api", api,
                                             "--concurrency", "2", "--requests", "12", "--turns",
                                             "3", "--max-tokens", "12", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        CHECK(run.output.find("conversations begun") != std::string::npos);
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 12);
        std::map<std::uint64_t, std::uint64_t> tokens_before;
        for (const request_record& r : records) {
            CHECK(r.ended == outcome::completed);
            REQUIRE(r.turn);
            CHECK(r.turn->turns == 3);
            std::uint64_t& before = tokens_before[r.turn->conversation];
            // The prompts of the turns before, and their answers, are in it.
            CHECK(*r.input_tokens > before + (r.turn->turn > 0 ? 3 : 0));
            before = *r.input_tokens;
        }
        const auto summary = boost::json::parse(test::content_of(out + "/summary.json"));
        const auto& level = summary.at("levels").at(0);
        CHECK(level.at("requests").at("not_sent") == 0);
        CHECK(level.at("conversations").at("ttft_by_turn").as_array().size() == 3);
        // What is rebuilt from the journal is the same.
        const std::string live = test::content_of(out + "/summary.json");
        REQUIRE(test::run_lmstress({"report", out}).exit_code == 0);
        CHECK(test::content_of(out + "/summary.json") == live);
    }
}

TEST_CASE("conversations: a turn that fails leaves the rest unsent, live and rebuilt alike") {
    test::simulator sim{[&] {
        auto flags = fast;
        flags.insert(flags.end(), {"--fault", "error-mid:0.4"});
        return flags;
    }()};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--api", "openai-chat", "--concurrency", "2",
                            "--requests", "20", "--turns", "4", "--max-tokens", "8", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 4);
    const std::string live = test::content_of(out + "/summary.json");
    const auto summary = boost::json::parse(live);
    const auto& level = summary.at("levels").at(0);
    CHECK(level.at("requests").at("offered") == 20);
    CHECK(level.at("requests").at("failed").to_number<int>() > 0);
    CHECK(level.at("requests").at("not_sent").to_number<int>() > 0);
    CHECK(level.at("conversations").at("broken") == level.at("requests").at("failed"));
    REQUIRE(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out + "/summary.json") == live);
}

TEST_CASE("conversations: canned results of tools are sent where the API takes them") {
    const std::string file = PROJECT_DIRECTORY "/scenarios/conversations/tools.jsonl";
    for (const std::string api :
         {"openai-chat", "openai-responses", "anthropic-messages", "ollama", "lmstudio-v0"}) {
        CAPTURE(api);
        test::simulator sim{fast};
        const test::temporary_directory directory;
        const std::string out = directory.path() / "result";
        const auto run = test::run_lmstress({"run", "--url", sim.url(), "--api", api,
                                             "--conversations", file, "--concurrency", "1",
                                             "--requests", "8", "--max-tokens", "8", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        for (const request_record& r : test::read_records(out)) {
            CHECK(r.ended == outcome::completed);
            CHECK(r.turn->turns == 4);
        }
    }
    for (const std::string api : {"lmstudio", "openai-completions"}) {
        test::simulator sim{fast};
        const auto run =
            test::run_lmstress({"run", "--url", sim.url(), "--api", api, "--conversations", file});
        CHECK(run.exit_code == 2);
        CHECK(run.output.find(api + " has no way to express the results of tools") !=
              std::string::npos);
    }
}

TEST_CASE("conversations: a choice that cannot be ends the program before anything is sent") {
    const auto refused = [](std::vector<std::string> flags) {
        flags.insert(flags.begin(), {"run", "--dry-run"});
        const auto run = test::run_lmstress(flags);
        CHECK(run.exit_code == 2);
        return run.output;
    };
    CHECK(refused({"--api", "openai-chat", "--turns", "2", "--conversation-history", "stateful"})
              .find("openai-chat has no way to express chats that the server remembers") !=
          std::string::npos);
    CHECK(refused({"--api", "openai-embeddings", "--turns", "2"})
              .find("openai-embeddings has no way to express conversations") != std::string::npos);
    CHECK(refused({"--conversations", "no-such-file"}).find("no-such-file") != std::string::npos);
    CHECK(refused({"--turns", "0"}).find("--turns") != std::string::npos);
}
