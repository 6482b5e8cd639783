// Against a real llama.cpp server, the engine inside LM Studio, with a tiny model that says
// nothing.

#include "conformance/llama_server.hpp"

#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace json = boost::json;

using test::check_counts;
using test::level_of;
using test::llama_server;
using test::sum;

namespace {

double metric(const json::object& level, const char* name, const char* quantile) {
    return level.at("metrics").at(name).at(quantile).to_number<double>();
}

}  // namespace

TEST_CASE("llama-server: 8 streams on 4 slots, every request and every token accounted for") {
    llama_server server{{"--parallel", "4", "--kv-unified", "-c", "8192"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run =
        test::run_lmstress({"run", "--url", server.url(), "--api", "openai-chat", "--concurrency",
                            "4,8", "--requests", "48", "--max-tokens", "256", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    MESSAGE("llama-server ", server.version(), "\n", run.output);
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 96);
    for (const auto& r : records) {
        CAPTURE(r.request_id);
        CHECK(r.ended == lmstress::outcome::completed);
        CHECK(r.output_tokens == 256);
        CHECK(r.events == 256);
        CHECK(r.tokens_from == lmstress::token_source::exact);  // timings_per_token
        CHECK(r.finish_reason == "length");
        CHECK(r.answered_by == "tiny");
        CHECK(r.moments.has(lmstress::moment::prefill_start));
        CHECK(r.moments.has(lmstress::moment::prefill_end));
        // The salt: no two prompts share more than the template, and by chance a letter or two.
        CHECK(r.cached_tokens.value_or(0) <= 8);
    }
    check_counts(records, server);

    // Four of eight wait for a slot, and that is what their TTFT is made of.
    const json::object fits = level_of(out, 0);
    const json::object waits = level_of(out, 1);
    CHECK(waits.at("server").at("parallel").at("confirmed").to_number<int>() == 4);
    CHECK(metric(waits, "ttft_ms", "p50") > 3 * metric(fits, "ttft_ms", "p50"));
    CHECK(metric(waits, "queue_ms", "p50") > metric(waits, "ttft_ms", "p50") / 2);
    CHECK(metric(fits, "queue_ms", "p50") < metric(waits, "queue_ms", "p50") / 2);
}

TEST_CASE("llama-server: completions, responses and messages, with the server's own counts") {
    using lmstress::token_source;
    struct row {
        const char* api;
        const char* finish_reason;
        token_source tokens_from;  // exact: timings_per_token
        bool tells_timings;
    };
    for (const row& expected :
         {row{"openai-completions", "length", token_source::exact, true},
          row{"openai-responses", "completed", token_source::exact, true},
          row{"anthropic-messages", "max_tokens", token_source::events, false}}) {
        CAPTURE(std::string{expected.api});
        llama_server server{{"--parallel", "4", "--kv-unified", "-c", "8192"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        const auto run =
            test::run_lmstress({"run", "--url", server.url(), "--api", expected.api,
                                "--concurrency", "4", "--requests", "24", "--max-tokens", "64",
                                "--system-prompt", "Be brief.", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 24);
        for (const auto& r : records) {
            CAPTURE(r.request_id);
            CHECK(r.ended == lmstress::outcome::completed);
            CHECK(r.output_tokens == 64);
            CHECK(r.events == 64);
            CHECK(r.tokens_from == expected.tokens_from);
            CHECK(r.finish_reason == expected.finish_reason);
            CHECK(r.answered_by == "tiny");
            CHECK(r.unknown_events == 0);
            CHECK(r.moments.has(lmstress::moment::prefill_end) == expected.tells_timings);
            CHECK((r.server_ttft_ms.value_or(0) > 0) == expected.tells_timings);
        }
        check_counts(records, server);
    }
}

TEST_CASE("llama-server: conversations, each turn with what was said before it") {
    struct row {
        const char* api;
        std::uint64_t turns;
    };
    for (const row& expected :
         {row{"openai-chat", 4}, row{"openai-responses", 3}, row{"anthropic-messages", 3}}) {
        CAPTURE(std::string{expected.api});
        llama_server server{{"--parallel", "2", "--kv-unified", "-c", "8192"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        const auto run = test::run_lmstress(
            {"run", "--url", server.url(), "--api", expected.api, "--concurrency", "2",
             "--requests", std::to_string(4 * expected.turns), "--turns",
             std::to_string(expected.turns), "--max-tokens", "32", "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        const auto records = test::read_records(out);
        std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> prompts;
        for (const auto& r : records) {
            CAPTURE(r.request_id);
            CHECK(r.ended == lmstress::outcome::completed);
            CHECK(r.output_tokens == 32);
            REQUIRE(r.turn);
            prompts[{r.turn->conversation, r.turn->turn}] = r.input_tokens.value_or(0);
        }
        // What the server itself counted, over all prompts and answers.
        check_counts(records, server);
        std::uint64_t later = 0;
        for (const auto& [where, tokens] : prompts) {
            const auto before = prompts.find({where.first, where.second - 1});
            if (where.second == 0 || before == prompts.end()) continue;
            ++later;
            // The prompt before, the answer to it, and a question more.
            CHECK(tokens > before->second + 8);
        }
        CHECK(later > 4);
    }
}

TEST_CASE("llama-server: embeddings, with the server's own counts") {
    llama_server server{{"--embeddings", "--pooling", "mean", "--parallel", "4", "-c", "8192"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run = test::run_lmstress({"run", "--url", server.url(), "--api", "openai-embeddings",
                                         "--concurrency", "1,4", "--requests", "24", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const auto records = test::read_records(out);
    REQUIRE(records.size() == 48);
    for (const auto& r : records) {
        CAPTURE(r.request_id);
        CHECK(r.ended == lmstress::outcome::completed);
        CHECK(r.input_tokens.value_or(0) > 8);
        CHECK(r.answered_by == "tiny");
    }
    check_counts(records, server);
}

TEST_CASE("llama-server: without a salt equal prompts come from the cache, and that is said") {
    llama_server server{{"--parallel", "1", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto run_with = [&](const char* salt) {
        const auto out = directory.path() / salt;
        const auto run = test::run_lmstress(
            {"run", "--url", server.url(), "--requests", "6", "--max-tokens", "4", "--salt", salt,
             "--prompt", "Tell me about the long river that runs through the old town to the sea.",
             "--out", out});
        CAPTURE(run.output);
        REQUIRE(run.exit_code == 0);
        return std::pair{run.output,
                         sum(test::read_records(out), &lmstress::request_record::cached_tokens)};
    };
    const auto [without, cached_without] = run_with("none");
    const auto [with, cached_with] = run_with("run");
    CHECK(cached_without > 5 * 15);
    CHECK(without.find("came from the server's cache") != std::string::npos);
    CHECK(cached_with <= 6 * 8);
}

TEST_CASE("llama-server: the prompts of the project fit four slots that share a context of 4,096") {
    llama_server server{{"--parallel", "4", "--kv-unified", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    const auto run = test::run_lmstress(
        {"run", "--url", server.url(), "--concurrency", "4", "--requests", "96", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    const json::object level = level_of(out, 0);
    CHECK(level.at("requests").at("completed").to_number<int>() == 96);
}

TEST_CASE("llama-server: a setting that is asked for and not in force makes the run invalid") {
    llama_server server{{"--parallel", "2", "-c", "4096"}};
    const test::temporary_directory directory;
    const auto run_with = [&](const char* parallel) {
        return test::run_lmstress({"run", "--url", server.url(), "--n-parallel", parallel,
                                   "--requests", "4", "--max-tokens", "4", "--out",
                                   directory.path() / parallel});
    };
    CHECK(run_with("2").exit_code == 0);
    const auto other = run_with("4");
    CHECK(other.exit_code == 5);
    CHECK(other.output.find("runs 2 streams at once and not the 4") != std::string::npos);
}

TEST_CASE("llama-server: started by the run with its settings, read back, and stopped") {
    const test::temporary_directory directory;
    const auto out = directory.path() / "out";
    const auto run = test::run_lmstress(
        {"run", "--server-command",
         "\"" LLAMA_SERVER "\" run {port} --parallel {parallel} {kv_flag} -c {context_length}",
         "--n-parallel", "4", "--unified-kv-cache", "on", "--context-length", "8192", "--requests",
         "8", "--max-tokens", "4", "--out", out});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const json::object level = level_of(out, 0);
    const json::value& settings = level.at("server");
    CHECK(settings.at("parallel").at("confirmed").to_number<int>() == 4);
    CHECK(settings.at("context_length").at("confirmed").to_number<int>() == 8192);
    CHECK(settings.at("unified_kv").at("confirmed").as_bool());
    CHECK(test::content_of(out / "server.log").find("print_timing") != std::string::npos);
}

TEST_CASE("llama-server: a command that does not pass its context on makes the run invalid") {
    const test::temporary_directory directory;
    const auto run = test::run_lmstress({"run", "--server-command",
                                         "\"" LLAMA_SERVER "\" run {port} --parallel 2 -c 4096",
                                         "--context-length", "1024", "--requests", "4",
                                         "--max-tokens", "4", "--out", directory.path() / "out"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 5);
    // Without a unified cache each of the two slots is to have its half.
    CHECK(run.output.find("tokens of context in a slot and not the 512") != std::string::npos);
}

TEST_CASE("llama-server: made-up prompts have the length that was asked for, by its own counts") {
    llama_server server{{"--parallel", "2", "--kv-unified", "-c", "16384"}};
    for (const char* api : {"openai-chat", "openai-completions", "anthropic-messages"}) {
        for (const char* asked : {"fixed:64", "fixed:512", "lognormal:512,0.6"}) {
            CAPTURE(std::string{api});
            CAPTURE(std::string{asked});
            const test::temporary_directory directory;
            const auto out = directory.path() / "result";
            const auto run = test::run_lmstress(
                {"run", "--url", server.url(), "--api", api, "--concurrency", "2", "--requests",
                 "20", "--synthetic", asked, "--max-tokens", "2", "--out", out});
            CAPTURE(run.output);
            REQUIRE(run.exit_code == 0);
            const json::object level = level_of(out, 0);
            const json::value& lengths = level.at("prompt_lengths");
            CHECK(lengths.at("requests").to_number<int>() == 20);
            CHECK(lengths.at("ratio_p50").to_number<double>() == doctest::Approx(1).epsilon(0.05));
            MESSAGE(api, ", ", asked, ": asked ", lengths.at("asked_p50").to_number<double>(),
                    ", achieved ", lengths.at("achieved_p50").to_number<double>(), ", a word ",
                    level.at("calibration").at("tokens_per_word").to_number<double>());
        }
    }
}

TEST_CASE("llama-server: probe tells what it is and how it streams") {
    llama_server server{{"--parallel", "2", "-c", "4096"}};
    const auto found = test::run_lmstress({"probe", server.url()});
    MESSAGE(found.output);
    CHECK(found.exit_code == 0);
    for (const char* line :
         {"ok       server                   llama.cpp, build b",
          "unknown  hardware                 ", "ok       token                    none is needed",
          "no       LM Studio v1 models      ", "no       LM Studio v0 models      ",
          "ok       OpenAI models            GET /v1/models: 1 model\n",
          "no       lmstudio                 POST /api/v1/chat: HTTP 404",
          "ok       openai-chat              POST", "ok       openai-completions       POST",
          "ok       openai-responses         POST", "no       lmstudio-v0              POST",
          "ok       anthropic-messages       POST", "no       lmstudio-sdk             the server",
          "2 slots, context", "ok       same socket", "ok       streams                  16 events",
          "headers first", "ok       usage                    16 output tokens"}) {
        CAPTURE(std::string{line});
        CHECK(found.output.find(line) != std::string::npos);
    }
}

TEST_CASE("llama-server: probe sees that a key is needed, though models are listed without it") {
    llama_server server{{"--parallel", "2", "-c", "4096", "--api-key", "good"}};
    const auto refused = test::run_lmstress({"probe", server.url()});
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 3);
    CHECK(refused.output.find("no       token                    ") != std::string::npos);
    const auto let_in = test::run_lmstress({"probe", server.url()}, {"LM_API_TOKEN=good"});
    CAPTURE(let_in.output);
    CHECK(let_in.exit_code == 0);
    CHECK(let_in.output.find("needed, and the given one is accepted") != std::string::npos);
}
