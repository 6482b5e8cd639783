// run --server-state: the real binary against the built-in server.

#include "support/child_process.hpp"
#include "support/fetch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

namespace json = boost::json;

TEST_CASE("server state: the queue is the server's own word, and the journal keeps it") {
    test::simulator sim{{"--parallel", "2", "--step-base", "10ms"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const auto ended =
        test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "6", "--duration", "3s",
                            "--warmup", "0s", "--server-state", "--out", out});
    CAPTURE(ended.output);
    REQUIRE(ended.exit_code == 0);
    const std::string written = test::content_of(out + "/summary.json");
    const json::value summary = json::parse(written);
    const json::array& states = summary.at("server_states").as_array();
    REQUIRE(states.size() >= 3);
    const auto asks = [](const json::value& s, const char* key) {
        return s.at(key).to_number<std::uint64_t>();
    };
    // All six are with the server, two of them in its slots.
    CHECK(std::any_of(states.begin(), states.end(), [&](const json::value& s) {
        return asks(s, "queued") == 6 && asks(s, "in_flight") == 6 &&
               s.at("status").as_string() != "idle";
    }));
    CHECK(std::all_of(states.begin(), states.end(), [&](const json::value& s) {
        return asks(s, "queued") <= 6 && asks(s, "in_flight") <= 6;
    }));
    CHECK(ended.output.find("server state, ") != std::string::npos);
    const auto rebuilt = test::run_lmstress({"report", out});
    CHECK(rebuilt.exit_code == 0);
    CHECK(test::content_of(out + "/summary.json") == written);
}

TEST_CASE("server state: a server without the socket ends the run before it begins") {
    test::simulator sim{{"--sdk-socket", "off"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const auto ended = test::run_lmstress(
        {"run", "--url", sim.url(), "--requests", "1", "--server-state", "--out", out});
    CAPTURE(ended.output);
    CHECK(ended.exit_code == 3);
    CHECK(ended.output.find("--server-state asks LM Studio over the socket of its SDK") !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(out));
}
