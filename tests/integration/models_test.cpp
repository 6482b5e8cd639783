// lmstress models against the built-in server, as a user meets it.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace json = boost::json;

namespace {

const std::vector<std::string> quick = {"--load-seconds", "0", "--download-seconds", "0"};

/// `lmstress models ...` on that server.
test::finished models(const test::simulator& sim, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "models");
    arguments.insert(arguments.end(), {"--url", sim.url()});
    auto done = test::run_lmstress(arguments);
    CAPTURE(done.output);
    return done;
}

bool holds(const test::finished& run, const std::string& text) {
    return run.output.find(text) != std::string::npos;
}

std::vector<std::string> keys(const test::finished& listed) {
    std::vector<std::string> out;
    const json::value whole = json::parse(listed.output);
    for (const json::value& m : whole.at("models").as_array()) {
        out.emplace_back(m.at("key").as_string().c_str());
    }
    return out;
}

}  // namespace

TEST_CASE("models list: a table or JSON, of those that are wanted") {
    test::simulator sim{quick};
    const auto table = models(sim, {"list"});
    CHECK(table.exit_code == 0);
    CHECK(table.output.starts_with("model "));
    CHECK(holds(table, "parallel 4, context"));
    CHECK(std::count(table.output.begin(), table.output.end(), '\n') == 6);
    using list = std::vector<std::string>;
    const auto of = [&](std::vector<std::string> filters) {
        filters.insert(filters.begin(), "list");
        filters.emplace_back("--json");
        return keys(models(sim, filters));
    };
    CHECK(of({}).size() == 5);
    CHECK(of({"--only-vision"}) == list{"google/gemma-3-4b"});
    CHECK(of({"--only-tools"}) == list{"qwen/qwen3-4b", "openai/gpt-oss-20b"});
    CHECK(of({"--only-tools", "--limit", "1"}) == list{"qwen/qwen3-4b"});
    CHECK(of({"--only-loaded"}) == list{"qwen/qwen3-4b"});
    CHECK(of({"--type", "embedding"}) == list{"text-embedding-nomic-embed-text-v1.5"});
    CHECK(of({"--type", "embedding", "--only-loaded"}).empty());
}

TEST_CASE("models show: what a model can, its variants, and its instances") {
    test::simulator sim{quick};
    const auto idle = models(sim, {"show", "openai/gpt-oss-20b"});
    CHECK(idle.exit_code == 0);
    CHECK(holds(idle, "tools, reasoning (low, medium, high; default low)"));
    CHECK(holds(idle, "selected      openai/gpt-oss-20b@mxfp4"));
    CHECK(holds(idle, "in memory     no"));
    const auto loaded = models(sim, {"show", "QWEN/qwen3-4b"});
    CHECK(holds(loaded, "in memory     qwen/qwen3-4b\n    context_length "));
    const auto none = models(sim, {"show", "nope"});
    CHECK(none.exit_code == 3);
    CHECK(none.output.starts_with("lmstress: the server has no model nope\n  It has: "));
}

TEST_CASE("models load: settings are sent and read back") {
    test::simulator sim{quick};
    const auto loaded =
        models(sim, {"load", "openai/gpt-oss-20b", "--parallel", "8", "--context-length", "16384",
                     "--flash-attention", "off", "--eval-batch-size", "256", "--num-experts", "2",
                     "--offload-kv-cache-to-gpu", "off"});
    CHECK(loaded.exit_code == 0);
    CHECK(loaded.output.starts_with("openai/gpt-oss-20b is loaded in 0.0 s\n"));
    const json::value shown =
        json::parse(models(sim, {"show", "openai/gpt-oss-20b", "--json"}).output);
    const json::value& config = shown.at("loaded_instances").at(0).at("config");
    CHECK(config.at("parallel").to_number<int>() == 8);
    CHECK(config.at("num_experts").to_number<int>() == 2);
    CHECK_FALSE(config.at("flash_attention").as_bool());
    // A further load is a further instance.
    CHECK(holds(models(sim, {"load", "openai/gpt-oss-20b"}), "openai/gpt-oss-20b:2 is loaded"));
}

TEST_CASE("models load: what is not in force is said loudly, and is exit code 5") {
    auto deaf = quick;
    deaf.emplace_back("--ignore-load-config");
    test::simulator sim{deaf};
    const auto other = models(sim, {"load", "google/gemma-3-1b", "--parallel", "8"});
    CHECK(other.exit_code == 5);
    CHECK(other.output ==
          "lmstress: google/gemma-3-1b is loaded, but not as asked for: parallel is 4, not 8\n"
          "  Take it as it is, or unload it: lmstress models unload google/gemma-3-1b\n");
    const auto untold = models(sim, {"load", "google/gemma-3-1b", "--num-experts", "2"});
    CHECK(untold.exit_code == 0);
    CHECK(holds(untold,
                "lmstress: the server took num_experts, and does not tell whether it is in force"));
    CHECK(holds(untold, "google/gemma-3-1b:2 is loaded"));
    const auto both =
        models(sim, {"load", "google/gemma-3-1b", "--num-experts", "2", "--parallel", "8"});
    CHECK(both.exit_code == 5);
    CHECK(holds(both, "not as asked for: parallel is 4, not 8\n"));
    CHECK(models(sim, {"load", "nope"}).exit_code == 3);
}

TEST_CASE("models load: what REST lacks goes over the SDK's socket, and is read back") {
    test::simulator sim{quick};
    const auto loaded =
        models(sim, {"load", "google/gemma-3-4b", "--unified-kv", "off", "--gpu", "0.5", "--ttl",
                     "30m", "--identifier", "mine", "--parallel", "3", "--context-length", "4096"});
    CHECK(loaded.exit_code == 0);
    CHECK(holds(loaded, "mine is loaded in 0.0 s\n"));
    for (const char* line :
         {"unified_kv                false", "gpu                       0.5",
          "parallel                  3", "context_length            4096",
          "identifier                \"mine\"", "ttl                       1800"}) {
        CHECK_MESSAGE(holds(loaded, line), loaded.output);
    }
    CHECK(holds(models(sim, {"show", "google/gemma-3-4b"}), "in memory     mine"));
    // The name is taken: LM Studio finds another one, and that is not what was asked for.
    const auto again = models(sim, {"load", "google/gemma-3-1b", "--identifier", "mine"});
    CHECK(again.exit_code == 5);
    CHECK(holds(again, "mine:2 is loaded, but not as asked for: identifier is \"mine:2\""));
    const auto none = models(sim, {"load", "nope", "--gpu", "max"});
    CHECK(none.exit_code == 3);
    CHECK(holds(none, "the server does not load nope: Cannot find model"));
}

TEST_CASE("models show: what REST does not tell of an instance is asked over the SDK's socket") {
    test::simulator sim{quick};
    models(sim, {"load", "google/gemma-3-4b", "--unified-kv", "off", "--gpu", "0.5", "--ttl", "30m",
                 "--identifier", "mine"});
    const auto shown = models(sim, {"show", "mine"});
    CHECK(holds(shown, "in memory     mine\n"));
    for (const char* line : {"unified_kv                false", "gpu                       0.5",
                             "ttl                       1800", "parallel                  4"}) {
        CHECK_MESSAGE(holds(shown, line), shown.output);
    }
    const json::value as_json = json::parse(models(sim, {"show", "mine", "--json"}).output);
    CHECK_FALSE(as_json.at("loaded_instances").at(0).at("config").at("unified_kv").as_bool());
    // One that has no such socket shows what REST tells.
    auto silent = quick;
    silent.insert(silent.end(), {"--sdk-socket", "off"});
    test::simulator other{silent};
    const auto less = models(other, {"show", "qwen/qwen3-4b"});
    CHECK(less.exit_code == 0);
    CHECK(holds(less, "parallel                  4"));
    CHECK_FALSE(holds(less, "unified_kv"));
}

TEST_CASE("models load: an embedding model over the SDK's socket, in the namespace of its kind") {
    test::simulator sim{quick};
    const std::string model = "text-embedding-nomic-embed-text-v1.5";
    const auto loaded = models(sim, {"load", model, "--ttl", "60s", "--context-length", "512"});
    CAPTURE(loaded.output);
    CHECK(loaded.exit_code == 0);
    CHECK(holds(loaded, "context_length            512"));
    CHECK(holds(loaded, "ttl                       60"));
    CHECK(holds(models(sim, {"show", model}), "ttl                       60"));
    CHECK(models(sim, {"load", model, "--estimate-only"}).exit_code == 0);
}

TEST_CASE("models load: over the socket, too, what is not in force is exit code 5") {
    auto deaf = quick;
    deaf.insert(deaf.end(), {"--sdk-socket", "deaf"});
    test::simulator sim{deaf};
    const auto other =
        models(sim, {"load", "google/gemma-3-1b", "--unified-kv", "off", "--ttl", "90s"});
    CHECK(other.exit_code == 5);
    CHECK(holds(other, "unified_kv is true, not false"));
}

TEST_CASE("models load: without the socket the message names the other ways") {
    auto mute = quick;
    mute.insert(mute.end(), {"--sdk-socket", "off"});
    test::simulator sim{mute};
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{"--unified-kv", "on"}, {"--estimate-only"}}) {
        std::vector<std::string> all{"load", "google/gemma-3-1b"};
        all.insert(all.end(), more.begin(), more.end());
        const auto refused = models(sim, all);
        CHECK(refused.exit_code == 3);
        CHECK(holds(refused, "over its SDK's socket: the server opens no WebSocket at /llm"));
        CHECK(holds(refused, "LM Studio's window"));
    }
}

TEST_CASE("models load --estimate-only: loads nothing, and says what it would take") {
    test::simulator sim{quick};
    const auto estimate = models(sim, {"load", "google/gemma-3-4b", "--estimate-only", "--gpu",
                                       "0.5", "--context-length", "8192"});
    CHECK(estimate.exit_code == 0);
    CHECK(estimate.output ==
          "google/gemma-3-4b would take\n"
          "  memory        4.1 GB (model 3.0 GB, context 1.1 GB)\n"
          "  on the GPU    2.6 GB (model 1.5 GB, context 1.1 GB)\n"
          "  confidence    high\n"
          "  may be loaded yes\n");
    CHECK(holds(models(sim, {"show", "google/gemma-3-4b"}), "in memory     no"));
    CHECK(holds(models(sim, {"load", "google/gemma-3-4b", "--estimate-only", "--context-length",
                             "1000000"}),
                "may be loaded no: over what LM Studio's guardrails allow"));
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"--gpu", "2"}, {"--ttl", "1500ms"}, {"--unified-kv", "yes"}}) {
        std::vector<std::string> all{"load", "google/gemma-3-4b"};
        all.insert(all.end(), wrong.begin(), wrong.end());
        CHECK(models(sim, all).exit_code == 2);
    }
}

TEST_CASE("models unload: one, all, and one that is not there") {
    test::simulator sim{quick};
    CHECK(models(sim, {"load", "google/gemma-3-1b"}).exit_code == 0);
    CHECK(models(sim, {"unload", "qwen/qwen3-4b"}).output == "qwen/qwen3-4b is unloaded\n");
    const auto gone = models(sim, {"unload", "qwen/qwen3-4b"});
    CHECK(gone.exit_code == 3);
    CHECK(holds(gone, "lmstress: the server does not unload qwen/qwen3-4b: "));
    CHECK(models(sim, {"unload", "--all"}).output == "google/gemma-3-1b is unloaded\n");
    CHECK(models(sim, {"unload", "--all"}).output == "no model is in memory\n");
    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"unload"}, {"unload", "x", "--all"}}) {
        CHECK(models(sim, wrong).exit_code == 2);
    }
}

TEST_CASE("models download: to its end, one that is there, one that fails, one that is unknown") {
    test::simulator sim{quick};
    const auto done = models(sim, {"download", "lmstress/tiny"});
    CHECK(done.exit_code == 0);
    CHECK(holds(done, "lmstress/tiny is downloaded\n"));
    CHECK(models(sim, {"download", "lmstress/tiny"}).output == "lmstress/tiny is there already\n");
    CHECK(models(sim, {"show", "lmstress/tiny"}).exit_code == 0);
    const auto link =
        models(sim, {"download", "https://huggingface.co/a/b", "--quantization", "Q8_0"});
    CHECK(link.exit_code == 0);
    const auto failed = models(sim, {"download", "lmstress/x-broken"});
    CHECK(failed.exit_code == 3);
    CHECK(holds(failed, "lmstress: the download of lmstress/x-broken failed\n"));
    const auto unknown = models(sim, {"download", "lmstress/x-unknown"});
    CHECK(unknown.exit_code == 3);
    CHECK(holds(unknown, "does not download lmstress/x-unknown: Model lmstress/x-unknown not"));
}

TEST_CASE("models download: a simulator whose downloads fail") {
    test::simulator sim{{"--download-seconds", "0", "--downloads-fail"}};
    const auto failed = models(sim, {"download", "lmstress/tiny"});
    CHECK(failed.exit_code == 3);
    CHECK(holds(failed, "lmstress: the download of lmstress/tiny failed\n"));
    CHECK(models(sim, {"show", "lmstress/tiny"}).exit_code == 3);
}

TEST_CASE("models download: progress, in lines where there is no terminal") {
    test::simulator sim{{"--download-seconds", "1"}};
    const auto done = models(sim, {"download", "lmstress/tiny"});
    CHECK(done.exit_code == 0);
    CHECK(holds(done, " %  "));
    CHECK(holds(done, "of 2.3 GB  2.3 GB/s  0:0"));
    CHECK(done.output.find('\x1b') == std::string::npos);
}

TEST_CASE("models download: on a terminal one line, which is gone at the end") {
    test::simulator sim{{"--download-seconds", "1"}};
    test::child_process process{
        {LMSTRESS_BINARY, "models", "download", "lmstress/tiny", "--url", sim.url()},
        {"TERM=xterm"},
        {.columns = 30}};
    CHECK(process.wait() == 0);
    const std::string said = process.output();
    CAPTURE(said);
    CHECK(said.starts_with("\r["));
    CHECK(said.find("\x1b[K") == 1 + 29);  // cut to the terminal
    CHECK(said.ends_with("\r\x1b[Klmstress/tiny is downloaded\r\n"));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
}

TEST_CASE("models: before LM Studio 0.4 there are lists, and no orders") {
    test::simulator sim{{"--only-v0", "--cold"}};
    const auto list = models(sim, {"list"});
    CHECK(list.exit_code == 0);
    CHECK(holds(list, "google/gemma-3-4b"));
    CHECK(keys(models(sim, {"list", "--only-vision", "--json"})).size() == 1);
    CHECK(holds(models(sim, {"show", "google/gemma-3-1b"}), "architecture  gemma3_text"));
    CHECK(models(sim, {"show", "nope"}).exit_code == 3);
    for (const char* order : {"load", "unload", "download"}) {
        const auto refused = models(sim, {order, "google/gemma-3-1b"});
        CHECK(refused.exit_code == 3);
        CHECK(holds(refused, "takes no orders about models over HTTP"));
    }
}

TEST_CASE("models: the token, and a server that is not there") {
    test::simulator sim{{"--api-token", "good"}};
    CHECK(holds(models(sim, {"list"}), "wants an API token"));
    CHECK(models(sim, {"list", "--api-token", "good"}).exit_code == 0);
    CHECK(models(sim, {"list", "--header", "Authorization: Bearer good"}).exit_code == 0);
    const auto nobody = test::run_lmstress({"models", "list", "--url", "http://127.0.0.1:1"});
    CHECK(nobody.exit_code == 3);
    CHECK(nobody.output.starts_with("lmstress: no server answers at http://127.0.0.1:1 "));
    const auto slip = test::run_lmstress({"models", "load", "x", "--paralel", "2"});
    CHECK(slip.exit_code == 2);
    CHECK(holds(slip, "Did you mean --parallel? See lmstress models load --help"));
}

TEST_CASE("run --load and --unload-after: in memory for the run, and gone after it") {
    test::simulator sim{{"--cold", "--load-seconds", "0", "--step-base", "1ms"}};
    const test::temporary_directory directory;
    const auto run = [&](const char* name, const std::vector<std::string>& more) {
        std::vector<std::string> arguments{
            "run", "--url",        sim.url(), "--model", "google/gemma-3-1b",    "--requests",
            "2",   "--max-tokens", "2",       "--out",   directory.path() / name};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return test::run_lmstress(arguments);
    };
    const auto in_memory = [&] { return keys(models(sim, {"list", "--only-loaded", "--json"})); };
    const auto loaded = run("a", {"--load"});
    CAPTURE(loaded.output);
    CHECK(loaded.exit_code == 0);
    CHECK(holds(loaded, "lmstress: google/gemma-3-1b was loaded in 0.0 s.\n"));
    // No request had to wait for it.
    CHECK_FALSE(holds(loaded, "one request loads it"));
    CHECK(in_memory() == std::vector<std::string>{"google/gemma-3-1b"});
    // It is there, so it is not loaded once more.
    const auto again = run("b", {"--load", "--unload-after"});
    CHECK(again.exit_code == 0);
    CHECK_FALSE(holds(again, "was loaded"));
    CHECK(holds(again, "lmstress: google/gemma-3-1b was unloaded.\n"));
    CHECK(in_memory().empty());
    // With a number of slots it is loaded once, with them.
    const auto slots = run("c", {"--load", "--n-parallel", "2", "--unload-after"});
    CHECK(slots.exit_code == 0);
    CHECK(holds(slots, "parallel 2"));
    CHECK(holds(slots, "google/gemma-3-1b was unloaded."));
}
