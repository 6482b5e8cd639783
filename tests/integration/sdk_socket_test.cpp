// Settings over the WebSocket of LM Studio's SDK: the real binary against the built-in server.

#include "support/child_process.hpp"
#include "support/fetch.hpp"
#include "support/tls_proxy.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace json = boost::json;

namespace {

struct finished_run {
    int exit_code;
    std::string output;
    json::object server;  // of the first level, in the summary
};

std::uint16_t port_of(const std::string& url) {
    return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

finished_run run(const std::string& url, const std::vector<std::string>& more,
                 const std::vector<std::string>& environment = {}) {
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    std::vector<std::string> arguments = {"run",          "--url", url,     "--requests", "4",
                                          "--max-tokens", "2",     "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto ended = test::run_lmstress(arguments, environment);
    finished_run f{ended.exit_code, ended.output, {}};
    if (ended.exit_code == 0) {
        const json::value summary = json::parse(test::content_of(out + "/summary.json"));
        f.server = summary.at("levels").at(0).at("server").as_object();
    }
    return f;
}

std::string unified_kv(const finished_run& f) {
    CAPTURE(f.output);
    REQUIRE(f.exit_code == 0);
    return json::serialize(f.server.at("unified_kv"));
}

const std::vector<std::string> fast = {"--step-base", "1ms", "--load-seconds", "0.1"};

std::vector<std::string> fast_and(const std::vector<std::string>& more) {
    std::vector<std::string> all = fast;
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace

TEST_CASE("sdk: --unified-kv-cache off and on are loaded so, with --n-parallel, and read back") {
    test::simulator sim{fast};
    const auto off = run(sim.url(), {"--unified-kv-cache", "off", "--n-parallel", "3"});
    CHECK(unified_kv(off) ==
          R"({"requested":false,"confirmed":false,"source":"SDK getLoadConfig"})");
    CHECK(off.server.at("parallel").at("confirmed").to_number<int>() == 3);
    CHECK(off.server.at("context_length").at("confirmed").to_number<int>() == 8192);
    CHECK(off.server.at("loaded_instances").to_number<int>() == 1);
    const auto on = run(sim.url(), {"--unified-kv-cache", "on"});
    CHECK(unified_kv(on) == R"({"requested":true,"confirmed":true,"source":"SDK getLoadConfig"})");
    // What nobody wished to change is as it was.
    CHECK(on.server.at("parallel").at("confirmed").to_number<int>() == 3);
    CHECK(test::fetch(port_of(sim.url()), "/api/v1/models").find(":2\"") == std::string::npos);
    // And where it is in force already, nothing is loaded.
    CHECK(unified_kv(run(sim.url(), {"--unified-kv-cache", "on"})) == unified_kv(on));
}

TEST_CASE(
    "sdk: without a wish it is read, also over TLS and after a model was loaded for the run") {
    const std::string read = R"({"requested":null,"confirmed":false,"source":"SDK getLoadConfig"})";
    test::simulator sim{fast_and({"--unified-kv", "off"})};
    CHECK(unified_kv(run(sim.url(), {})) == read);
    const test::temporary_directory directory;
    const test::tls_proxy proxy{port_of(sim.url()), directory.path()};
    CHECK(unified_kv(run(proxy.url(), {"--insecure"})) == read);
    const auto through_tls = run(proxy.url(), {"--insecure", "--unified-kv-cache", "on"});
    CHECK(through_tls.server.at("unified_kv").at("confirmed").as_bool());

    test::simulator cold{fast_and({"--unified-kv", "off", "--cold"})};
    CHECK(unified_kv(run(cold.url(), {"--model", "qwen/qwen3-4b"})) == read);
    test::simulator colder{fast_and({"--cold"})};
    CHECK(
        unified_kv(run(colder.url(), {"--model", "qwen/qwen3-4b", "--unified-kv-cache", "off"})) ==
        R"({"requested":false,"confirmed":false,"source":"SDK getLoadConfig"})");
}

TEST_CASE("sdk: a server without the socket claims nothing, and the message names other ways") {
    test::simulator sim{fast_and({"--sdk-socket", "off"})};
    CHECK(unified_kv(run(sim.url(), {})) == R"({"requested":null,"confirmed":null,"source":null})");
    const auto wished = run(sim.url(), {"--unified-kv-cache", "off", "--n-parallel", "2"});
    CHECK(wished.server.at("unified_kv").at("requested").as_bool() == false);
    CHECK(wished.server.at("unified_kv").at("confirmed").is_null());
    CHECK(wished.server.at("parallel").at("confirmed").to_number<int>() == 2);
    CHECK(wished.output.find("--unified-kv-cache could not be confirmed") != std::string::npos);
    CHECK(wished.output.find("LM Studio window") != std::string::npos);
    CHECK(wished.output.find("--server-command \"llama-server {kv_flag}") != std::string::npos);
}

TEST_CASE("sdk: an API token is the socket's name and key, and one that is none is refused") {
    const std::string token = "sk-lm-abcd1234:0123456789abcdefghij";
    test::simulator sim{fast_and({"--api-token", token})};
    const std::vector<std::string> wish = {"--unified-kv-cache", "off"};
    CHECK(unified_kv(run(sim.url(), wish, {"LM_API_TOKEN=" + token})) ==
          R"({"requested":false,"confirmed":false,"source":"SDK getLoadConfig"})");
    test::simulator odd{fast_and({"--api-token", "secret"})};
    const auto refused = run(odd.url(), wish, {"LM_API_TOKEN=secret"});
    CHECK(refused.server.at("unified_kv").at("confirmed").is_null());
    CHECK(refused.output.find("the SDK's socket refuses us") != std::string::npos);
    const auto predicted = run(odd.url(), {"--api", "lmstudio-sdk"}, {"LM_API_TOKEN=secret"});
    CHECK(predicted.exit_code == 3);
    CHECK(predicted.output.find("of the form sk-lm-NAME:KEY") != std::string::npos);
    CHECK(refused.output.find("secret") == std::string::npos);
}

TEST_CASE("sdk: a setting that was asked for and is not in force makes the run invalid") {
    test::simulator sim{fast_and({"--sdk-socket", "deaf"})};
    const auto invalid = run(sim.url(), {"--unified-kv-cache", "off"});
    CHECK(invalid.exit_code == 5);
    CHECK(invalid.output.find(": INVALID\n") != std::string::npos);
    CHECK(invalid.output.find("the server's KV cache is unified, and the other was asked for") !=
          std::string::npos);
    CHECK(run(sim.url(), {"--unified-kv-cache", "on"}).exit_code == 0);
}
