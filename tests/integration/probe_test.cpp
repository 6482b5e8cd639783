// lmstress probe against the built-in server, as a user meets it.

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

bool holds(const test::finished& run, const std::string& text) {
    return run.output.find(text) != std::string::npos;
}

test::finished probe(const test::simulator& sim, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"probe", sim.url()});
    return test::run_lmstress(more);
}

}  // namespace

TEST_CASE("probe: a server that is ready, a line each") {
    test::simulator sim{{"--step-base", "5ms"}};
    const auto found = probe(sim);
    CAPTURE(found.output);
    CHECK(found.exit_code == 0);
    for (const char* line :
         {"ok       server                   LM Studio 0.4.16, build 1",
          "ok       hardware                 lmstress CPU, 64 GiB RAM, lmstress GPU (24 GiB)",
          "ok       token                    none is needed",
          "ok       LM Studio v1 models      GET /api/v1/models: 5 models",
          "ok       LM Studio v0 models      GET",
          "ok       OpenAI models            GET /v1/models: 5 models",
          "ok       lmstudio                 POST /api/v1/chat\n",
          "ok       openai-chat              POST /v1/chat/completions\n",
          "ok       openai-completions       POST /v1/completions\n",
          "ok       openai-responses         POST /v1/responses\n",
          "ok       lmstudio-v0              POST /api/v0/chat/completions\n",
          "ok       lmstudio-v0-completions  POST /api/v0/completions\n",
          "ok       lmstudio-v0-embeddings   POST /api/v0/embeddings\n",
          "ok       anthropic-messages       POST /v1/messages\n",
          "ok       ollama                   POST /api/chat\n",
          "ok       openai-embeddings        POST /v1/embeddings\n",
          "ok       lmstudio-sdk             WebSocket /llm\n",
          "ok       models                   in memory: qwen/qwen3-4b, parallel 4, context 8192",
          "ok       same socket              a second",
          "ok       streams                  16 events, the first",
          "ok       headers first            ",
          "ok       usage                    16 output tokens"}) {
        CAPTURE(std::string{line});
        CHECK(holds(found, line));
    }
    CHECK(probe(sim, {"--api", "openai-chat"}).exit_code == 0);
}

TEST_CASE("probe: a stream over the SDK's socket, and vectors that are none") {
    test::simulator sim{{"--step-base", "5ms"}};
    const auto socket = probe(sim, {"--api", "lmstudio-sdk"});
    CAPTURE(socket.output);
    CHECK(socket.exit_code == 0);
    CHECK(holds(socket, "ok       streams                  16 events, the first"));
    CHECK(holds(socket, "unknown  headers first            an answer on a WebSocket has none"));
    CHECK(holds(socket, "ok       usage                    16 output tokens"));
    const auto vectors = probe(
        sim, {"--api", "openai-embeddings", "--model", "text-embedding-nomic-embed-text-v1.5"});
    CHECK(vectors.exit_code == 0);
    CHECK(
        holds(vectors, "unknown  streams                  openai-embeddings answers with vectors"));
}

TEST_CASE("probe: no server works for it") {
    const test::temporary_directory at;
    test::simulator watched{{"--truth-log", at.path() / "truth.jsonl", "--cold"}};
    CHECK(probe(watched).exit_code == 3);
    watched.stop();
    for (const std::string& line : test::lines_of(at.path() / "truth.jsonl")) {
        CAPTURE(line);
        CHECK(line.find("\"answer\"") == std::string::npos);
    }
}

TEST_CASE("probe: without the socket, without an API that is needed") {
    test::simulator sim{{"--sdk-socket", "off", "--step-base", "5ms"}};
    const auto found = probe(sim);
    CAPTURE(found.output);
    CHECK(found.exit_code == 0);
    CHECK(holds(found, "ok       server                   LM Studio, 0.4 or later (it does not"));
    CHECK(holds(found, "unknown  hardware                 only LM Studio tells"));
    CHECK(holds(found, "no       lmstudio-sdk             the server opens no WebSocket at /llm"));
    const auto needed = probe(sim, {"--api", "lmstudio-sdk"});
    CHECK(needed.exit_code == 3);
    CHECK(holds(needed, "lmstress: the server is not ready for a run: lmstudio-sdk"));
}

TEST_CASE("probe: no model in memory, unless one is named") {
    test::simulator sim{{"--cold", "--load-seconds", "0"}};
    const auto found = probe(sim);
    CHECK(found.exit_code == 3);
    CHECK(holds(found, "no       models                   none is in memory"));
    CHECK(holds(found, "unknown  streams                  not tried"));
    CHECK(holds(found, "lmstress: the server is not ready for a run: models\n"));
    const auto named = probe(sim, {"--model", "google/gemma-3-1b"});
    CHECK(named.exit_code == 0);
    CHECK(holds(named, "ok       streams                  "));
}

TEST_CASE("probe: a token that is missing, with every line there, and one that is good") {
    test::simulator sim{{"--api-token", "sk-lm-abcd1234:0123456789abcdefghij"}};
    const auto refused = probe(sim);
    CAPTURE(refused.output);
    CHECK(refused.exit_code == 3);
    CHECK(holds(refused, "no       token                    "));
    CHECK(holds(refused, "wants an API token: LM_API_TOKEN"));
    for (const char* about :
         {"OpenAI models", "lmstudio", "openai-chat", "openai-completions", "openai-responses",
          "lmstudio-v0", "lmstudio-v0-completions", "lmstudio-v0-embeddings", "anthropic-messages",
          "ollama", "openai-embeddings", "lmstudio-sdk", "models", "same socket", "streams",
          "headers first", "usage"}) {
        std::string line = std::string{"unknown  "} + about;
        line.resize(34, ' ');
        CAPTURE(line);
        CHECK(holds(refused, line + "not asked: " + sim.url() + " wants an API token\n"));
    }
    const auto let_in = probe(sim, {"--api-token", "sk-lm-abcd1234:0123456789abcdefghij"});
    CHECK(let_in.exit_code == 0);
    CHECK(holds(let_in, "ok       token                    needed, and the given one is accepted"));
    CHECK(holds(let_in, "ok       lmstudio-sdk             "));
}

TEST_CASE("probe: a token that is good for all but the SDK's socket, which says what it wants") {
    test::simulator sim{{"--api-token", "good"}};
    const auto found = probe(sim, {"--api-token", "good"});
    CAPTURE(found.output);
    CHECK(found.exit_code == 0);
    CHECK(holds(found, "ok       anthropic-messages       POST /v1/messages\n"));
    CHECK(holds(found,
                "no       lmstudio-sdk             the SDK's socket refuses us: Invalid API "
                "token (it wants an API token of the form sk-lm-NAME:KEY, and was given "
                "none)"));
}

TEST_CASE("probe: LM Studio before 0.4, one whose answers fail, and nobody") {
    test::simulator old{{"--only-v0", "--step-base", "5ms"}};
    const auto before = probe(old);
    CAPTURE(before.output);
    CHECK(before.exit_code == 0);
    CHECK(holds(before, "ok       server                   LM Studio 0.3.39, build 1"));
    CHECK(holds(before, "no       LM Studio v1 models      GET /api/v1/models: HTTP 200, no list"));
    CHECK(holds(before,
                "no       lmstudio                 POST /api/v1/chat: HTTP 200, it says: "
                "Unexpected endpoint or method."));
    CHECK(holds(before, "ok       streams                  16 events"));
    test::simulator failing{{"--fault", "500"}};
    const auto failed = probe(failing);
    CHECK(failed.exit_code == 3);
    CHECK(holds(failed, "no       streams                  the answer failed: engine_failed"));
    const auto nobody = test::run_lmstress({"probe", "http://127.0.0.1:1"});
    CAPTURE(nobody.output);
    CHECK(nobody.exit_code == 3);
    CHECK(holds(nobody, "lmstress: no server answers"));
    CHECK(holds(nobody, "no       server                   no server answers at"));
    for (const char* about : {"hardware ", "token ", "lmstudio ", "lmstudio-sdk ", "usage "}) {
        CAPTURE(std::string{about});
        CHECK(holds(nobody, std::string{"unknown  "} + about));
    }
    CHECK(holds(nobody, "lmstudio                 not asked, for the reason above\n"));
}
