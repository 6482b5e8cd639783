// Faults over real sockets, with the real program on both ends.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace json = boost::json;

namespace {

constexpr int requests = 40;

/// The level of a run of four users against a simulator with this fault.
json::object level_under(const std::string& fault, const std::string& api,
                         const std::vector<std::string>& more = {}) {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0", "--prefill-per-token",
                         "5us", "--fault", fault}};
    const test::temporary_directory directory;
    const auto out = directory.path() / "result";
    std::vector<std::string> arguments = {"run",
                                          "--url",
                                          sim.url(),
                                          "--api",
                                          api,
                                          "--concurrency",
                                          "4",
                                          "--requests",
                                          std::to_string(requests),
                                          "--max-tokens",
                                          "8",
                                          "--max-error-rate",
                                          "1",
                                          "--out",
                                          out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = test::run_lmstress(arguments);
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
    const auto summary = json::parse(test::content_of(out / "summary.json"));
    REQUIRE(summary.at("levels").as_array().size() == 1);
    return summary.at("levels").at(0).as_object();
}

std::int64_t count(const json::object& level, const char* outcome) {
    return level.at("requests").as_object().at(outcome).to_number<std::int64_t>();
}

/// Some failed, all of them so, and the rest came to their end.
void check_errors(const json::object& level, const std::string& kind, const std::string& words) {
    CHECK(count(level, "offered") == requests);
    const std::int64_t bad = count(level, "failed") + count(level, "timed_out");
    CHECK(count(level, "completed") == requests - bad);
    CHECK(count(level, "completed") >= requests / 3);
    const json::object& errors = level.at("errors").as_object();
    REQUIRE(errors.size() == 1);
    REQUIRE(errors.contains(kind));
    CHECK(errors.at(kind).at("count").to_number<std::int64_t>() == bad);
    CHECK(errors.at(kind).at("example").as_string() == words);
}

}  // namespace

TEST_CASE("faults: resets and silence over real sockets, and requests beside them that are fine") {
    struct row {
        const char* fault;
        const char* kind;
        const char* words;
        std::vector<std::string> deadline;
    };
    for (const row& r : {row{"reset-before:0.3", "reset", "Connection reset by peer", {}},
                         row{"reset-mid:0.3", "truncated", "Connection reset by peer", {}},
                         row{"no-headers:0.3",
                             "timeout_headers",
                             "the deadline of headers passed",
                             {"--timeout-headers", "200ms"}},
                         row{"stall:0.3",
                             "timeout_gap",
                             "the deadline of gap passed",
                             {"--timeout-gap", "200ms"}}}) {
        for (const char* api : {"lmstudio", "openai-chat"}) {
            CAPTURE(std::string{r.fault});
            CAPTURE(std::string{api});
            check_errors(level_under(r.fault, api, r.deadline), r.kind, r.words);
        }
    }
}

TEST_CASE("faults: answers that come byte by byte are whole") {
    for (const char* api : {"lmstudio", "openai-chat"}) {
        const json::object level = level_under("byte-by-byte", api);
        CHECK(count(level, "completed") == requests);
        CHECK(level.at("tokens").at("output").to_number<int>() == requests * 8);
    }
}

TEST_CASE("sim: a fault that there is not is a usage error that names the one that was meant") {
    const auto sim = test::run_lmstress({"sim", "--fault", "429:0.1", "--fault", "reset-mdi:0.1"});
    CHECK(sim.exit_code == 2);
    CHECK(sim.output.find("there is no fault \"reset-mdi\"") != std::string::npos);
    CHECK(sim.output.find("Did you mean reset-mid?") != std::string::npos);
    CHECK(test::run_lmstress({"sim", "--fault", "stall", "--fault", "500"}).exit_code == 2);
    const auto help = test::run_lmstress({"sim", "--help"});
    CHECK(help.output.find("\n  prefill-goes-on  ") != std::string::npos);
}
