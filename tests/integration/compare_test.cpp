// `lmstress compare` over results that the program itself wrote.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

/// A server of eight slots whose steps take that long.
std::vector<std::string> server(const std::string& step) {
    return {"--parallel",          "8", "--step-base",      step,    "--step-per-stream", "0",
            "--prefill-per-token", "0", "--context-length", "100000"};
}

/// A run of 64 short answers over four streams, kept in `directory`.
void measure(const std::string& step, const std::string& directory,
             const std::vector<std::string>& more = {}) {
    const test::simulator sim{server(step)};
    std::vector<std::string> arguments{"run", "--url",      sim.url(), "--concurrency",
                                       "4",   "--requests", "96",      "--max-tokens",
                                       "8",   "--out",      directory, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto run = test::run_lmstress(arguments);
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
}

bool holds(const test::finished& run, const std::string& text) {
    CAPTURE(run.output);
    return run.output.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("compare: a server that became slower is found out, and fails a pipeline") {
    const test::temporary_directory here;
    const std::string a = (here.path() / "a").string();
    const std::string b = (here.path() / "b").string();
    measure("5ms", a);
    measure("10ms", b);
    const auto table = test::run_lmstress({"compare", a, b});
    CHECK(table.exit_code == 0);
    CHECK(holds(table, "4 streams over lmstudio"));
    CHECK(holds(table, "worse"));
    const auto json = test::run_lmstress({"compare", a, b, "--json"});
    const auto all = boost::json::parse(json.output);
    const auto& figures = all.at("levels").at(0).at("figures").as_array();
    bool itl = false;
    for (const auto& f : figures) {
        if (f.at("figure").as_string() != "itl_ms.p50") continue;
        itl = true;
        CHECK(f.at("finding").as_string() == "worse");
        CHECK(f.at("change").as_double() > 0.5);
        CHECK(f.at("change").as_double() < 1.5);
        CHECK(f.at("decides").as_bool());
    }
    CHECK(itl);
    CHECK(test::run_lmstress({"compare", a, b, "--fail-on-regression", "itl_ms.p50 > 10%"})
              .exit_code == 4);
    CHECK(test::run_lmstress({"compare", b, a, "--fail-on-regression", "itl_ms.p50 > 10%"})
              .exit_code == 0);
    const auto markdown = test::run_lmstress({"compare", a, b, "--markdown"});
    CHECK(holds(markdown, "| itl_ms.p50 | "));
}

TEST_CASE("compare: other work is refused with what differs, unless forced") {
    const test::temporary_directory here;
    const std::string a = (here.path() / "a").string();
    const std::string b = (here.path() / "b").string();
    measure("1ms", a);
    measure("1ms", b, {"--temperature", "0.5"});
    const auto refused = test::run_lmstress({"compare", a, b});
    CHECK(refused.exit_code == 2);
    CHECK(holds(refused, "/request/temperature is not set in A and 0.5 in B"));
    const auto forced = test::run_lmstress({"compare", a, b, "--force"});
    CHECK(forced.exit_code == 0);
    CHECK(holds(forced, "The work is not the same"));
}

TEST_CASE("compare: what is no result, no rule and no common level") {
    const test::temporary_directory here;
    const std::string nowhere = (here.path() / "nowhere").string();
    const auto missing = test::run_lmstress({"compare", nowhere, nowhere});
    CHECK(missing.exit_code == 2);
    CHECK(holds(missing, "holds no result"));
    const auto rule =
        test::run_lmstress({"compare", nowhere, nowhere, "--fail-on-regression", "ttft > 1%"});
    CHECK(rule.exit_code == 2);
    CHECK(holds(rule, "no figure that can be compared is called 'ttft'"));
}

TEST_CASE("compare: two servers measured now, taking turns") {
    const test::simulator fast{server("2ms")};
    const test::simulator slow{server("4ms")};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto run =
        test::run_lmstress({"compare", fast.url(), slow.url(), "--concurrency", "4", "--requests",
                            "64", "--max-tokens", "8", "--fail-on-regression", "itl_ms.p50 > 10%",
                            "--rounds", "1", "--out", out});
    CHECK(run.exit_code == 4);
    CHECK(holds(run, "[1/4] "));
    CHECK(holds(run, "the first pair"));
    CHECK(holds(run, "fail       itl_ms.p50 > 10%"));
    // Each side was measured twice, and each run is an ordinary result.
    for (const char* side : {"A/01", "A/02", "B/01", "B/02"}) {
        CAPTURE(std::string{side});
        CHECK(test::run_lmstress({"report", out + '/' + side}).exit_code == 0);
    }
    const auto json = test::run_lmstress({"compare", out + "/A/01", out + "/B/01", "--json"});
    CHECK(holds(json, "\"worse\""));
}

TEST_CASE("compare: two settings of one server, each loaded for its turn") {
    const test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0"}};
    const test::temporary_directory here;
    const auto run =
        test::run_lmstress({"compare", "server.parallel=2", "server.parallel=8", "--url", sim.url(),
                            "--concurrency", "8", "--requests", "64", "--max-tokens", "8",
                            "--rounds", "1", "--out", (here.path() / "out").string()});
    CHECK(run.exit_code == 0);
    CHECK(holds(run, "the server's parallel is 2 in A and 8 in B"));
    CHECK(holds(run, "better"));
    const auto mixed = test::run_lmstress({"compare", here.path().string(), sim.url()});
    CHECK(mixed.exit_code == 2);
    CHECK(holds(mixed, "one side is a result and the other is to be measured now"));
}
