// --abort-on as a user meets it.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace json = boost::json;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("abort-on: a hopeless run ends early with exit code 4, its reason and its verdict") {
    test::simulator sim{{"--step-base", "2ms", "--step-per-stream", "0"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "4", "--requests", "100000",
                            "--max-tokens", "4", "--abort-on", "requests.offered < 1e9",
                            "--abort-on", "ttft_ms.max < 0.001", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 4);
    CHECK(holds(run.output, "\"ttft_ms.max < 0.001\" could only fail"));
    const json::value summary = json::parse(test::content_of(out + "/summary.json"));
    CHECK(summary.at("run").at("exit_code").to_number<int>() == 4);
    CHECK(holds(summary.at("run").at("ended_early").as_string().c_str(), "--abort-on"));
    const json::array& thresholds = summary.at("thresholds").as_array();
    REQUIRE(thresholds.size() == 2);
    CHECK(thresholds[0].at("verdict").as_string() == "pass");
    CHECK(thresholds[1].at("verdict").as_string() == "fail");
    CHECK(holds(test::content_of(out + "/junit.xml"), "<failure"));
    const std::string written = test::content_of(out + "/summary.json");
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out + "/summary.json") == written);
    const auto page = test::run_lmstress({"report", out, "--markdown", "-"});
    CAPTURE(page.output);
    CHECK(holds(page.output, "**The run ended early: "));
    CHECK(holds(page.output, "could only fail, whatever"));
}

TEST_CASE("thresholds: an objective's figure wants an objective") {
    const auto run = test::run_lmstress({"run", "--threshold", "slo.attainment > 0.9"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 2);
    CHECK(holds(run.output, "--slo 'ttft<2s,tpot<50ms'"));
    const auto clause = test::run_lmstress(
        {"run", "--slo", "ttft<2s", "--threshold", "slo.clauses.tpot.attainment > 0.9"});
    CAPTURE(clause.output);
    CHECK(clause.exit_code == 2);
    CHECK(holds(clause.output, "a clause that --slo does not have"));
}

TEST_CASE(
    "thresholds: one that so few requests cannot decide is exit code 6, and no pass in JUnit") {
    test::simulator sim{{"--step-base", "1ms"}};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "few";
    const auto run = test::run_lmstress({"run", "--quiet", "--url", sim.url(), "--requests", "8",
                                         "--max-tokens", "4", "--threshold", "ttft_ms.p95 < 60000",
                                         "--threshold", "ttft_ms.p50 < 60000", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 6);
    CHECK(holds(run.output, "undecided"));
    const std::string xml = test::content_of(out + "/junit.xml");
    CHECK(holds(xml, "tests=\"4\" failures=\"0\" errors=\"1\""));
    CHECK(holds(xml, "<error message=\"undecided: "));
}

TEST_CASE("abort-on: in a scenario too, and refused where there is no such figure") {
    const test::temporary_directory directory;
    const std::string file = directory.path() / "scenario.json";
    std::ofstream{file} << R"({"limits": {"abort_on": ["ttft_ms.p96 < 2000"]}})";
    const auto run = test::run_lmstress({"run", file});
    CAPTURE(run.output);
    CHECK(run.exit_code == 2);
    CHECK(holds(run.output, "summary.json has no figure \"ttft_ms.p96\""));
    CHECK(holds(run.output, "Did you mean ttft_ms.p9"));
}
