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
}

TEST_CASE("thresholds: an objective's figure wants an objective") {
    const auto run = test::run_lmstress({"run", "--threshold", "slo.attainment > 0.9"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 2);
    CHECK(holds(run.output, "--slo 'ttft<2s,tpot<50ms'"));
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
