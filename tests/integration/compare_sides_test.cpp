// Which runs `lmstress compare` takes for a side, and which it does not.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// Bounds on the client would tell of this machine.
const std::vector<std::string> any_client = {"--max-read-lag",   "0", "--max-event-loop-lag", "0",
                                             "--max-client-cpu", "0"};

test::finished with_any_client(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), any_client.begin(), any_client.end());
    return test::run_lmstress(arguments);
}

bool holds(const test::finished& run, const std::string& text) {
    CAPTURE(run.output);
    return run.output.find(text) != std::string::npos;
}

/// A run of 64 short answers.
void measure(const std::string& directory) {
    const test::simulator sim{{"--step-base", "1ms", "--step-per-stream", "0"}};
    const auto run = with_any_client({"run", "--url", sim.url(), "--concurrency", "4", "--requests",
                                      "64", "--max-tokens", "8", "--out", directory, "--quiet"});
    CAPTURE(run.output);
    REQUIRE(run.exit_code == 0);
}

/// The same that ended otherwise: `line` in the place of its last line; empty: it was killed.
void end_otherwise(const fs::path& run, const std::string& line) {
    std::string text = test::content_of((run / "run.jsonl").string());
    text.resize(text.rfind('\n', text.size() - 2) + 1);
    std::ofstream{run / "run.jsonl", std::ios::trunc} << text << line;
}

const std::string interrupted = "{\"event\":\"run_end\",\"exit_code\":130,\"ended_early\":\"\"}\n";

}  // namespace

TEST_CASE("compare: a server that dies in a turn has not been measured in it") {
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const std::string command = std::string{LMSTRESS_BINARY} +
                                " sim --port {port} --parallel {parallel} --step-base 4ms "
                                "--lasting 3500ms";
    const auto run = with_any_client({"compare",
                                      "server.parallel=2",
                                      "limits.timeout_gap=2m",
                                      "--n-parallel",
                                      "2",
                                      "--concurrency",
                                      "2",
                                      "--duration",
                                      "2s",
                                      "--warmup",
                                      "0s",
                                      "--max-tokens",
                                      "30",
                                      "--rounds",
                                      "1",
                                      "--server-command",
                                      command,
                                      "--max-error-rate",
                                      "1",
                                      "--out",
                                      out,
                                      "--fail-on-regression",
                                      "throughput.output_tokens_per_second < -5%"});
    CHECK(run.exit_code == 3);
    CHECK(holds(run, " was not measured: the server at http://127.0.0.1:"));
    CHECK(holds(run, " is gone: it accepts no connection any longer"));
    CHECK(holds(run, "ended for want of a result in turn "));
    // Nor does it count when the comparison is made again.
    const auto again = test::run_lmstress({"compare", out + "/A", out + "/B", "--json"});
    if (holds(run, "in turn 3 of 4")) {
        CHECK(again.exit_code == 3);
        CHECK(holds(again, "was left out: the server at "));
    }
}

TEST_CASE("compare: a server that is gone before its turn is named, now and when compared again") {
    std::optional<test::simulator> a{std::in_place, std::vector<std::string>{}};
    std::optional<test::simulator> b{std::in_place, std::vector<std::string>{}};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    std::vector<std::string> arguments{
        LMSTRESS_BINARY, "compare", a->url(),   b->url(), "--concurrency", "2", "--duration", "2s",
        "--max-tokens",  "8",       "--warmup", "0s",     "--out",         out, "--rounds",   "1"};
    arguments.insert(arguments.end(), any_client.begin(), any_client.end());
    test::child_process run{arguments};
    run.wait_for_output([](const std::string& all) {
        const std::size_t at = all.find("[3/4] ");
        return at != std::string::npos && all.find('\n', at) != std::string::npos;
    });
    const std::string said = run.output();
    // Whose turn the fourth is.
    const bool is_a = said[said.find("[3/4] ") + 6] == 'B';
    (is_a ? a : b).reset();
    CHECK(run.wait() == 3);
    CAPTURE(run.output());
    CHECK(run.output().find("ended for want of a result in turn 4 of 4") != std::string::npos);
    const auto again = test::run_lmstress({"compare", out + "/A", out + "/B", "--json"});
    CHECK(again.exit_code == 3);
    CHECK(holds(again, (is_a ? "A: " + out + "/A" : "B: " + out + "/B") + "/02 was left out: "));
}

TEST_CASE("compare: runs of a side that did not come to their end are left out, and named") {
    const test::temporary_directory here;
    const auto at = [&](const char* name) { return (here.path() / name).string(); };
    measure(at("A/01"));
    fs::create_directories(here.path() / "B");
    for (const char* name : {"B/01", "B/02", "B/03", "B/04"}) {
        fs::copy(here.path() / "A/01", here.path() / name, fs::copy_options::recursive);
    }
    CHECK(test::run_lmstress({"compare", at("A"), at("B")}).exit_code == 0);
    std::ofstream{here.path() / "B/02/left-out.txt"} << "the server is gone\n";
    const auto lost = test::run_lmstress({"compare", at("A"), at("B")});
    CHECK(lost.exit_code == 3);
    end_otherwise(here.path() / "B/03", interrupted);
    end_otherwise(here.path() / "B/04", "");
    fs::create_directories(here.path() / "B/05");
    const auto cut = test::run_lmstress({"compare", at("A"), at("B"), "--json"});
    CHECK(cut.exit_code == 130);
    const std::string b = "B: " + at("B");
    CHECK(holds(cut, b + "/02 was left out: the server is gone"));
    CHECK(holds(cut, b + "/03 was left out: it was interrupted"));
    CHECK(holds(cut, b + "/04 was left out: it did not come to its end"));
    CHECK(holds(cut, b + "/05 was left out: it holds no run.jsonl"));
    const auto all = boost::json::parse(cut.output);
    CHECK(all.at("exit_code").as_int64() == 130);
    const auto& errors = all.at("levels").at(0).at("errors");
    CHECK(errors.at("a").at("offered") == errors.at("b").at("offered"));
    fs::remove_all(here.path() / "B/01");
    const auto none = test::run_lmstress({"compare", at("A"), at("B")});
    CHECK(none.exit_code == 2);
    CHECK(holds(none, "has no run that can be compared"));
}

TEST_CASE("compare: a single run that was cut short is compared, and the answer says so") {
    const test::temporary_directory here;
    const auto at = [&](const char* name) { return (here.path() / name).string(); };
    measure(at("a"));
    measure(at("b"));
    end_otherwise(here.path() / "b", "");
    const auto killed = test::run_lmstress({"compare", at("a"), at("b")});
    CHECK(killed.exit_code == 4);
    CHECK(holds(killed, "Of runs that were cut short: "));
    CHECK(holds(killed, "B did not come to its end: "));
    std::ofstream{here.path() / "b/run.jsonl", std::ios::app} << interrupted;
    CHECK(test::run_lmstress({"compare", at("b"), at("a")}).exit_code == 130);
}

TEST_CASE("compare: runs of different settings are no side") {
    const test::temporary_directory here;
    const auto at = [&](const char* name) { return (here.path() / name).string(); };
    fs::create_directories(here.path() / "sweep/cells/001");
    fs::create_directories(here.path() / "search/steps/001");
    std::ofstream{here.path() / "sweep/sweep.jsonl"} << "";
    std::ofstream{here.path() / "search/capacity.jsonl"} << "";
    const auto cells = test::run_lmstress({"compare", at("sweep/cells"), at("sweep/cells/")});
    CHECK(cells.exit_code == 2);
    CHECK(holds(cells, "holds the runs of a sweep, which are of different settings or loads"));
    CHECK(holds(cells, "Name one of them: " + at("sweep/cells/001")));
    const auto steps = test::run_lmstress({"compare", at("search/steps"), at("search/steps")});
    CHECK(steps.exit_code == 2);
    CHECK(holds(steps, "holds the runs of a capacity search"));
    measure(at("mixed/1"));
    fs::copy(here.path() / "mixed/1", here.path() / "mixed/2", fs::copy_options::recursive);
    std::string text = test::content_of(at("mixed/2/run.jsonl"));
    // Within the text of the scenario, whose quotation marks are escaped.
    const std::string tokens = R"(max_tokens\":)";
    const std::size_t place = text.find(tokens + "8");
    REQUIRE(place != std::string::npos);
    text[place + tokens.size()] = '9';
    std::ofstream{at("mixed/2/run.jsonl"), std::ios::trunc} << text;
    const auto mixed = test::run_lmstress({"compare", at("mixed"), at("mixed")});
    CHECK(mixed.exit_code == 2);
    CHECK(holds(mixed, "holds runs of different work or settings"));
}

TEST_CASE("compare: a setting that cannot be set is refused before anything is measured") {
    const test::simulator sim{{"--sdk-socket", "off"}};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto run =
        test::run_lmstress({"compare", "server.unified_kv=true", "server.unified_kv=false", "--url",
                            sim.url(), "--requests", "8", "--out", out});
    CHECK(run.exit_code == 3);
    CHECK(holds(run, " cannot be set, as the server opens no WebSocket"));
    CHECK_FALSE(holds(run, "[1/"));
    CHECK_FALSE(fs::exists(out));
}

TEST_CASE("compare: a setting that took effect not as asked is named, and its run not valid") {
    const test::simulator sim{{"--ignore-load-config", "--step-base", "1ms"}};
    const test::temporary_directory here;
    const auto run =
        with_any_client({"compare", "server.parallel=2", "server.parallel=3", "--url", sim.url(),
                         "--concurrency", "2", "--requests", "32", "--max-tokens", "4", "--warmup",
                         "0s", "--rounds", "1", "--out", (here.path() / "out").string()});
    CHECK(run.exit_code == 5);
    CHECK(holds(run, "Of invalid runs: "));
    CHECK(holds(run, "INVALID: the server runs 4 streams at once and not the"));
}
