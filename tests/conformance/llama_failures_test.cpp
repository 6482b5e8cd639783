// How a real llama.cpp server fails, and what lmstress makes of it: every request has the right
// outcome and kind, none is lost, and nothing hangs.

#include "conformance/llama_server.hpp"
#include "support/truth.hpp"

#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace json = boost::json;
using namespace std::chrono_literals;
using lmstress::failure_kind;
using lmstress::outcome;
using lmstress::request_record;

namespace {

constexpr auto streamed = {"openai-chat", "openai-completions", "openai-responses",
                           "anthropic-messages"};

std::uint64_t requests(const json::object& level, const char* outcome) {
    return level.at("requests").at(outcome).to_number<std::uint64_t>();
}

/// Every request that was offered has an outcome.
void check_adds_up(const json::object& level, std::uint64_t offered) {
    CHECK(requests(level, "offered") == offered);
    std::uint64_t in_all = 0;
    for (const char* outcome : {"completed", "failed", "timed_out", "shed", "censored"}) {
        in_all += requests(level, outcome);
    }
    CHECK(in_all == offered);
}

/// How many timed out in that phase.
std::ptrdiff_t timed_out_in(const std::vector<request_record>& records, lmstress::phase phase) {
    return std::count_if(records.begin(), records.end(), [&](const request_record& r) {
        return r.ended == outcome::timed_out && r.error && r.error->timed_out_in == phase;
    });
}

}  // namespace

TEST_CASE("llama-server: a prompt over the context is named as such on every API") {
    test::llama_server chats{{"--parallel", "1", "-c", "256"}};
    test::llama_server vectors{
        {"--embeddings", "--pooling", "mean", "--parallel", "1", "-c", "256", "-ub", "128"}};
    const auto check = [](const test::llama_server& server, const char* api, int status) {
        CAPTURE(std::string{api});
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        const auto run =
            test::run_lmstress({"run", "--url", server.url(), "--api", api, "--requests", "2",
                                "--synthetic", "fixed:2000", "--no-calibration", "--out", out});
        CAPTURE(run.output);
        CHECK(run.exit_code == 3);  // no request completed
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 2);
        for (const request_record& r : records) {
            REQUIRE(r.error);
            CHECK(r.error->kind == failure_kind::prompt_too_long);
            CHECK(r.error->http_status == status);
        }
    };
    for (const char* api : streamed) check(chats, api, 400);
    check(vectors, "openai-embeddings", 500);
}

TEST_CASE("llama-server: four streams exhaust the pool of the KV cache, and each is told") {
    for (const char* api : streamed) {
        CAPTURE(std::string{api});
        test::llama_server server{{"--parallel", "4", "--kv-unified", "-c", "1024"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        const auto run =
            test::run_lmstress({"run", "--url", server.url(), "--api", api, "--concurrency", "4",
                                "--requests", "12", "--synthetic", "fixed:200", "--no-calibration",
                                "--max-tokens", "700", "--max-error-rate", "1", "--out", out});
        CAPTURE(run.output);
        const json::object level = test::level_of(out, 0);
        check_adds_up(level, 12);
        CHECK(requests(level, "failed") >= 4);
        CHECK(requests(level, "completed") + requests(level, "failed") == 12);
        for (const request_record& r : test::read_records(out)) {
            CAPTURE(r.request_id);
            if (r.ended == outcome::completed) {
                CHECK(r.output_tokens == 700);
                continue;
            }
            REQUIRE(r.error);
            CHECK(r.error->kind == failure_kind::context_exhausted);
        }
    }
}

TEST_CASE("llama-server: SIGTERM in the middle of streams, and requests that never hear of it") {
    for (const char* api : streamed) {
        CAPTURE(std::string{api});
        // Enough threads that somebody is left to tell what the others do.
        test::llama_server server{
            {"--parallel", "4", "--kv-unified", "-c", "32768", "--threads-http", "16"}};
        const test::temporary_directory directory;
        const auto out = directory.path() / "result";
        test::child_process run{{LMSTRESS_BINARY,
                                 "run",
                                 "--url",
                                 server.url(),
                                 "--api",
                                 api,
                                 "--concurrency",
                                 "8",
                                 "--requests",
                                 "8",
                                 "--max-tokens",
                                 "7000",
                                 "--timeout-headers",
                                 "3s",
                                 "--timeout-first-token",
                                 "3s",
                                 "--timeout-gap",
                                 "3s",
                                 "--out",
                                 out}};
        const auto busy_until = std::chrono::steady_clock::now() + 30s;
        // Four streams, and four requests that wait for a slot.
        while (server.counter("requests_deferred") < 4 || server.generating() < 4) {
            REQUIRE(std::chrono::steady_clock::now() < busy_until);
        }
        server.ask_to_end();
        const auto asked = std::chrono::steady_clock::now();
        const int exit_code = run.wait(20s);
        const auto took = std::chrono::steady_clock::now() - asked;
        server.end_within_five_seconds();
        CAPTURE(run.output());
        CHECK(exit_code == 3);  // no request completed
        CHECK(took < 5s);       // two beyond the deadline
        check_adds_up(test::level_of(out, 0), 8);
        const auto records = test::read_records(out);
        REQUIRE(records.size() == 8);
        // Those that wait get nothing at all, not even an end; of the others some break off, and
        // some fall silent.
        CHECK(timed_out_in(records, lmstress::phase::headers) == 4);
        const auto broken_off =
            std::count_if(records.begin(), records.end(), [](const request_record& r) {
                return r.ended == outcome::failed && r.error->kind == failure_kind::truncated;
            });
        CHECK(timed_out_in(records, lmstress::phase::gap) + broken_off == 4);
    }
}
