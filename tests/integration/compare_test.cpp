// `lmstress compare` over results that the program itself wrote.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
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
    const auto one = test::run_lmstress({"compare", out + "/A/01", out + "/B/01", "--json"});
    CHECK(holds(one, "\"worse\""));
    // The comparison stays with them, and can be made again from all of them.
    CHECK(test::content_of(out + "/comparison.json").find("\"worse\"") != std::string::npos);
    CHECK(test::content_of(out + "/comparison.md").find("| itl_ms.p50 | ") != std::string::npos);
    const auto again = test::run_lmstress(
        {"compare", out + "/A", out + "/B", "--fail-on-regression", "itl_ms.p50 > 10%"});
    CHECK(again.exit_code == 4);
    const auto of_all = test::run_lmstress({"compare", out + "/A", out + "/B", "--json"});
    CHECK(boost::json::parse(of_all.output).at("levels") ==
          boost::json::parse(test::content_of(out + "/comparison.json")).at("levels"));
    std::filesystem::remove(out + "/A/02/requests.jsonl");
    const auto damaged = test::run_lmstress({"compare", out + "/A", out + "/B"});
    CHECK(damaged.exit_code != 0);
    CHECK(holds(damaged, "A/02"));
    const auto whole = test::run_lmstress({"compare", out, out});
    CHECK(whole.exit_code == 2);
    CHECK(holds(whole, "is a comparison, which has many results"));
    CHECK(test::run_lmstress({"compare", out, out, "--json", "--markdown"}).exit_code == 2);
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

TEST_CASE("compare: an undecided threshold hides no regression that failed") {
    const test::simulator fast{server("2ms")};
    const test::simulator slow{server("4ms")};
    const test::temporary_directory here;
    // Of so few requests nobody knows the highest of a hundred.
    const auto run = test::run_lmstress(
        {"compare", fast.url(), slow.url(), "--concurrency", "4", "--requests", "64",
         "--max-tokens", "8", "--threshold", "ttft_ms.p99 < 60000", "--fail-on-regression",
         "itl_ms.p50 > 10%", "--rounds", "1", "--out", (here.path() / "out").string()});
    CHECK(holds(run, "fail       itl_ms.p50 > 10%"));
    CHECK(run.exit_code == 4);
}

TEST_CASE("compare: a result whose requests failed passes no pipeline") {
    const test::temporary_directory here;
    const std::string a = (here.path() / "a").string();
    const std::string b = (here.path() / "b").string();
    measure("1ms", a);
    auto failing = server("1ms");
    failing.insert(failing.end(), {"--fault", "500:0.75"});
    const test::simulator sim{failing};
    REQUIRE(test::run_lmstress({"run", "--url", sim.url(), "--concurrency", "4", "--requests", "96",
                                "--max-tokens", "8", "--out", b, "--quiet"})
                .exit_code == 4);
    const auto broken =
        test::run_lmstress({"compare", a, b, "--fail-on-regression", "e2e_ms.p50 > 1000%"});
    CHECK(broken.exit_code == 4);
    CHECK(holds(broken, "more than --max-error-rate allows"));
    CHECK(holds(broken, "pass       e2e_ms.p50 > 1000%"));
}

TEST_CASE("compare: other work is refused before anything is measured") {
    const test::simulator sim{server("1ms")};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto run = test::run_lmstress(
        {"compare", "workload.prompt=X", "workload.prompt=Y", "--url", sim.url(), "--out", out});
    CHECK(run.exit_code == 2);
    CHECK(holds(run, "/workload/prompt is \"X\" in A and \"Y\" in B"));
    CHECK(run.output.find("[1/") == std::string::npos);
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("compare: loads without a level in common are refused before anything is measured") {
    const test::simulator sim{server("1ms")};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    for (const bool forced : {false, true}) {
        std::vector<std::string> arguments{"compare",
                                           "load.concurrency=2",
                                           "load.concurrency=4",
                                           "--url",
                                           sim.url(),
                                           "--requests",
                                           "8",
                                           "--out",
                                           out};
        if (forced) arguments.emplace_back("--force");
        const auto run = test::run_lmstress(arguments);
        CHECK(run.exit_code == 2);
        CHECK(holds(run, "no level in common: A: 2 streams; B: 4 streams"));
        CHECK_FALSE(holds(run, "[1/"));
    }
    const auto multiples =
        test::run_lmstress({"compare", "server.parallel=2", "server.parallel=4", "--url", sim.url(),
                            "--concurrency", "2x", "--out", out});
    CHECK(multiples.exit_code == 2);
    CHECK(holds(multiples, "no level in common: A: 4 streams; B: 8 streams"));
    CHECK_FALSE(holds(multiples, "[1/"));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE(
    "compare: multiples of other slots, which only the servers tell, are refused unmeasured") {
    const test::simulator two{{"--parallel", "2", "--step-base", "1ms"}};
    const test::simulator four{{"--parallel", "4", "--step-base", "1ms"}};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto run =
        test::run_lmstress({"compare", two.url(), four.url(), "--concurrency", "2x", "--requests",
                            "8", "--max-tokens", "4", "--warmup", "0s", "--out", out});
    CHECK(run.exit_code == 2);
    CHECK(holds(run, "A: 4 streams over lmstudio; B: 8 streams over lmstudio"));
    CHECK_FALSE(holds(run, "--force"));
    CHECK_FALSE(holds(run, "[1/8]"));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("compare: servers that it starts itself are started to ask them, and nothing is left") {
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const std::string command = std::string{LMSTRESS_BINARY} + " sim --port {port} --parallel ";
    std::ofstream{here.path() / "two.json"} << "{\"server\": {\"command\": \"" << command
                                            << "2\"}}";
    std::ofstream{here.path() / "four.json"} << "{\"server\": {\"command\": \"" << command
                                             << "4\"}}";
    const auto run = test::run_lmstress({"compare", (here.path() / "two.json").string(),
                                         (here.path() / "four.json").string(), "--concurrency",
                                         "2x", "--requests", "8", "--out", out});
    CHECK(run.exit_code == 2);
    CHECK(holds(run, "A: 4 streams over lmstudio; B: 8 streams over lmstudio"));
    CHECK_FALSE(holds(run, "[1/8]"));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("compare: a prompts' file that was overwritten is other work, and a copy is none") {
    const test::temporary_directory here;
    const auto path = [&](const char* name) { return (here.path() / name).string(); };
    const auto write = [&](const char* name, const char* content) {
        std::ofstream{path(name), std::ios::binary | std::ios::trunc} << content;
    };
    write("q.jsonl", "{\"prompt\": \"one\"}\n");
    write("copy.jsonl", "{\"prompt\": \"one\"}\n");
    measure("1ms", path("a"), {"--prompts", path("q.jsonl")});
    measure("1ms", path("copied"), {"--prompts", path("copy.jsonl")});
    write("q.jsonl", "{\"prompt\": \"two\"}\n");
    measure("1ms", path("b"), {"--prompts", path("q.jsonl")});
    const auto overwritten = test::run_lmstress({"compare", path("a"), path("b")});
    CHECK(overwritten.exit_code == 2);
    CHECK(
        holds(overwritten, path("q.jsonl") + "\" in both, which held other bytes in B than in A"));
    CHECK(test::run_lmstress({"compare", path("a"), path("copied")}).exit_code == 0);
}

TEST_CASE("compare: what failed in the baseline does not count, measured now or before") {
    auto failing = server("1ms");
    failing.insert(failing.end(), {"--fault", "500:0.3"});
    const test::simulator a{failing};
    const test::simulator b{server("1ms")};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto now =
        test::run_lmstress({"compare", a.url(), b.url(), "--concurrency", "2", "--requests", "64",
                            "--max-tokens", "8", "--rounds", "1", "--max-read-lag", "0",
                            "--max-event-loop-lag", "0", "--max-client-cpu", "0", "--out", out});
    CHECK(holds(now, "more than --max-error-rate"));
    CHECK(now.exit_code == 0);
    CHECK(test::run_lmstress({"compare", out + "/A/01", out + "/B/01"}).exit_code == 0);
    CHECK(test::run_lmstress({"compare", out + "/B/01", out + "/A/01"}).exit_code == 4);
}

TEST_CASE("compare: of servers that it starts itself it says each difference once, and no port") {
    const test::temporary_directory here;
    const std::string command =
        std::string{LMSTRESS_BINARY} + " sim --port {port} --parallel {parallel} --step-base 1ms";
    const auto run = test::run_lmstress({"compare",
                                         "server.parallel=2",
                                         "server.parallel=4",
                                         "--server-command",
                                         command,
                                         "--concurrency",
                                         "4",
                                         "--requests",
                                         "32",
                                         "--max-tokens",
                                         "8",
                                         "--rounds",
                                         "1",
                                         "--max-read-lag",
                                         "0",
                                         "--max-event-loop-lag",
                                         "0",
                                         "--max-client-cpu",
                                         "0",
                                         "--out",
                                         (here.path() / "out").string()});
    CHECK(run.exit_code == 0);
    CHECK(holds(run, "the server's parallel is 2 in A and 4 in B"));
    CHECK_FALSE(holds(run, "/server/parallel is"));
    CHECK_FALSE(holds(run, "/target/url"));
}

TEST_CASE("compare: what shapes a run is refused where two results are compared") {
    const test::temporary_directory here;
    const std::string a = (here.path() / "a").string();
    measure("1ms", a);
    for (const auto& idle : std::vector<std::vector<std::string>>{{"--rounds", "3"},
                                                                  {"--concurrency", "4"},
                                                                  {"--out", "x"},
                                                                  {"--set", "load.grace=\"1s\""}}) {
        CAPTURE(idle.front());
        const auto run = test::run_lmstress({"compare", a, a, idle[0], idle[1]});
        CHECK(run.exit_code == 2);
        CHECK(holds(run, idle.front()));
        CHECK(holds(run, "is of runs that are measured now, and A and B are results"));
    }
    CHECK(test::run_lmstress({"compare", a, a, "--seed", "7"}).exit_code == 0);
}

TEST_CASE("compare: one that is interrupted says of which turns its figures are") {
    const test::simulator one{server("2ms")};
    const test::simulator other{server("2ms")};
    const test::temporary_directory here;
    test::child_process run{{LMSTRESS_BINARY, "compare", one.url(), other.url(), "--api-token",
                             "sk-lm-abcdefgh:0123456789abcdefghij", "--concurrency", "4",
                             "--duration", "1s", "--max-tokens", "8", "--out",
                             (here.path() / "out").string()}};
    run.wait_for_output("[4/8]");
    run.signal(SIGINT);
    CHECK(run.wait() == 130);
    CAPTURE(run.output());
    CHECK(run.output().find("interrupted in turn 4 of 8: A has ") != std::string::npos);
    CHECK(run.output().find("throughput.output_tokens_per_second") != std::string::npos);
    // What is to be known of the settings is said once, and not for each side.
    const std::string note = "other users may have seen the token";
    const std::size_t first = run.output().find(note);
    REQUIRE(first != std::string::npos);
    CHECK(run.output().find(note, first + 1) == std::string::npos);
}

TEST_CASE("compare: one that is interrupted in its first turn says where that is, and what now") {
    const test::simulator one{server("2ms")};
    const test::simulator other{server("2ms")};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    test::child_process run{{LMSTRESS_BINARY, "compare", one.url(), other.url(), "--concurrency",
                             "2", "--duration", "60s", "--max-tokens", "8", "--warmup", "0s",
                             "--out", out}};
    run.wait_for_output("[1/8]");
    run.signal(SIGINT);
    CHECK(run.wait() == 130);
    CAPTURE(run.output());
    CHECK(run.output().find("interrupted in turn 1 of 8: A has 0 runs, B has 0 runs, so there is "
                            "nothing to compare") != std::string::npos);
    CHECK(run.output().find("What was measured is in " + out + ": lmstress report " + out) !=
          std::string::npos);
}

TEST_CASE("compare: another model that only the servers tell is refused before a turn") {
    const test::simulator a{{"--model", "lab/one", "--step-base", "2ms"}};
    const test::simulator b{{"--model", "lab/other", "--step-base", "2ms"}};
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    const auto run = test::run_lmstress({"compare", a.url(), b.url(), "--requests", "4",
                                         "--max-tokens", "4", "--warmup", "0s", "--out", out});
    CHECK(run.exit_code == 2);
    CHECK(holds(run, "are not of the same work"));
    CHECK_FALSE(holds(run, "[1/8]"));
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("compare: a sweep is no side, and its cells are named") {
    const test::temporary_directory here;
    std::filesystem::create_directories(here.path() / "s");
    std::ofstream{here.path() / "s" / "sweep.jsonl"} << "";
    const std::string s = (here.path() / "s").string();
    const auto run = test::run_lmstress({"compare", s, s});
    CHECK(run.exit_code == 2);
    CHECK(holds(run, "Name one of its runs, in cells/."));
}
