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
         {"ok       server         LM Studio 0.4.16, build 1", "ok       LM Studio v1   GET",
          "ok       LM Studio v0   GET", "ok       OpenAI         GET /v1/models: 5 models",
          "ok       token          none is needed",
          "ok       models         in memory: qwen/qwen3-4b, parallel 4, context 8192",
          "ok       same socket    a second", "ok       streams        16 events, the first",
          "ok       headers first  ", "ok       usage          16 output tokens"}) {
        CAPTURE(std::string{line});
        CHECK(holds(found, line));
    }
    CHECK(probe(sim, {"--api", "openai-chat"}).exit_code == 0);
}

TEST_CASE("probe: no model in memory, unless one is named") {
    test::simulator sim{{"--cold", "--load-seconds", "0"}};
    const auto found = probe(sim);
    CHECK(found.exit_code == 3);
    CHECK(holds(found, "no       models         none is in memory"));
    CHECK(holds(found, "unknown  streams        not tried"));
    CHECK(holds(found, "lmstress: the server is not ready for a run: models\n"));
    const auto named = probe(sim, {"--model", "google/gemma-3-1b"});
    CHECK(named.exit_code == 0);
    CHECK(holds(named, "ok       streams        "));
}

TEST_CASE("probe: a token that is missing, and one that is good") {
    test::simulator sim{{"--api-token", "good"}};
    const auto refused = probe(sim);
    CHECK(refused.exit_code == 3);
    CHECK(holds(refused, "no       token          "));
    CHECK(holds(refused, "wants an API token: LM_API_TOKEN"));
    const auto let_in = probe(sim, {"--api-token", "good"});
    CHECK(let_in.exit_code == 0);
    CHECK(holds(let_in, "ok       token          needed, and the given one is accepted"));
}

TEST_CASE("probe: LM Studio before 0.4, one whose answers fail, and nobody") {
    test::simulator old{{"--only-v0", "--step-base", "5ms"}};
    const auto before = probe(old);
    CAPTURE(before.output);
    CHECK(before.exit_code == 0);
    CHECK(holds(before, "ok       server         LM Studio 0.3.39, build 1"));
    CHECK(holds(before, "no       LM Studio v1   GET /api/v1/models: HTTP 200, no list"));
    CHECK(holds(before, "ok       streams        16 events"));
    test::simulator failing{{"--fault", "500"}};
    const auto failed = probe(failing);
    CHECK(failed.exit_code == 3);
    CHECK(holds(failed, "no       streams        the answer failed: engine_failed"));
    const auto nobody = test::run_lmstress({"probe", "http://127.0.0.1:1"});
    CHECK(nobody.exit_code == 3);
    CHECK(nobody.output.starts_with("lmstress: no server answers"));
}
