// What Prometheus is told, by the judgement of its own promtool.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"
#include "support/promtool.hpp"
#include "support/raw_http.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace fs = std::filesystem;

namespace {

std::uint16_t port_in(const std::string& said, const std::string& before) {
    const std::size_t at = said.find(before);
    REQUIRE(at != said.npos);
    return static_cast<std::uint16_t>(std::stoul(said.substr(at + before.size())));
}

}  // namespace

TEST_CASE("metrics: a run tells of itself while it goes on") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    test::child_process run{
        {LMSTRESS_BINARY, "run", "--url", sim.url(), "--concurrency", "3", "--duration", "30s",
         "--warmup", "0s", "--max-tokens", "8", "--metrics-port", "0", "--progress",
         (directory.path() / "progress").string(), "--out", (directory.path() / "out").string()}};
    const std::string before = "metrics of this run: http://127.0.0.1:";
    run.wait_for_output("/metrics\n");
    const std::uint16_t port = port_in(run.output(), before);
    // Once requests have ended.
    test::wait_for_lines(directory.path() / "out", "requests.jsonl", 5);
    const auto answer = test::http_get(port, "/metrics");
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CAPTURE(answer.body);
    for (const char* line :
         {"\nlmstress_run_streams 3\n", "\nlmstress_run_level 1\n",
          "\nlmstress_run_errors_total 0\n", "\nlmstress_run_ttft_p95_seconds "}) {
        CAPTURE(line);
        CHECK(answer.body.find(line) != std::string::npos);
    }
    CHECK(test::promtool_objections(answer.body) == "");
    CHECK(test::http_get(port, "/").status == 404);
    CHECK(test::http_get(port, "/metrics", {{"Host", "evil.example"}}).status == 421);
    // Who does not read on keeps the run from nothing.
    test::raw_connection slow{port};
    slow.send("GET /metrics HTTP/1.1\r\nHost: loc");
    run.signal(SIGINT);
    CHECK(run.wait() == 130);
    const auto lines = test::lines_of(directory.path() / "progress");
    REQUIRE(lines.size() >= 2);
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/progress.schema.json")};
    for (const std::string& line : lines) {
        const auto value = boost::json::parse(line);
        CAPTURE(line);
        CHECK(schema.error_in(value) == "");
        for (const auto& member : value.as_object()) {
            auto without = value.as_object();
            without.erase(member.key());
            CAPTURE(member.key());
            CHECK_FALSE(schema.error_in(without).empty());
        }
    }
    CHECK(boost::json::parse(lines.front()).at("event") == "begin");
    CHECK(boost::json::parse(lines.back()).at("event") == "run_end");
    CHECK(boost::json::parse(lines.back()).at("exit_code") == 130);
}

TEST_CASE("metrics: the judge objects to what is wrong") {
    test::child_process there{{"sh", "-c", "command -v promtool"}};
    if (there.wait() != 0) return;
    CHECK(test::promtool_objections("# TYPE a counter\na{x=1} 2\n") != "");
}

TEST_CASE("metrics: a port that is taken is an error before anything is sent") {
    test::simulator sim;
    const test::temporary_directory directory;
    const std::string port = sim.url().substr(sim.url().rfind(':') + 1);
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--requests", "1", "--metrics-port", port,
                            "--out", directory.path() / "out"});
    CAPTURE(run.output);
    CHECK(run.exit_code == 2);
    CHECK(run.output.find("cannot listen on 127.0.0.1 port " + port) != std::string::npos);
}

TEST_CASE("metrics: the dashboard's, of a history and of itself") {
    test::simulator sim{{"--step-base", "1ms"}};
    const test::temporary_directory directory;
    const std::string file = (directory.path() / "history.db").string();
    const std::vector<std::string> with_history = {"LMSTRESS_NO_HISTORY="};
    test::child_process serve{{LMSTRESS_BINARY, "serve", "--port", "0", "--history", file},
                              with_history};
    serve.wait_for_output([](const std::string& said) {
        // A new history is told of first.
        const std::size_t at = said.find("dashboard: http");
        return said.find("built without its pages") != said.npos ||
               (at != said.npos && said.find('\n', at) != said.npos);
    });
    if (serve.output().find("built without its pages") != std::string::npos) return;
    const std::uint16_t port = port_in(serve.output(), "dashboard: http://127.0.0.1:");
    const std::string empty = test::http_get(port, "/metrics").body;
    CHECK(empty.find("\nlmstress_history_runs 0\n") != empty.npos);
    CHECK(test::promtool_objections(empty) == "");
    const auto run =
        test::run_lmstress({"run", "--url", sim.url(), "--requests", "4", "--quiet", "--max-tokens",
                            "8", "--history", file, "--out", directory.path() / "out"},
                           with_history);
    REQUIRE(run.exit_code == 0);
    const std::string one = test::http_get(port, "/metrics").body;
    CAPTURE(one);
    CHECK(one.find("\nlmstress_history_runs 1\n") != one.npos);
    CHECK(one.find("lmstress_history_output_tokens_per_second{model=") != one.npos);
    CHECK(one.find("lmstress_serve_answers_total{status=\"200\"} 1\n") != one.npos);
    CHECK(test::promtool_objections(one) == "");
}
