// Each exit code of docs/exit-codes.md by the program itself, and which goes before which.

#include "support/child_process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace {

const std::vector<std::string> fast = {"--step-base",         "1ms", "--step-per-stream", "0",
                                       "--prefill-per-token", "1us", "--api-token",       "good"};

/// One sentence, at most two lines of help, nothing of the usage, nothing that looks like a crash.
void check_short(const std::string& said) {
    CAPTURE(said);
    CHECK(said.starts_with("lmstress: "));
    CHECK(std::count(said.begin(), said.end(), '\n') <= 3);
    for (const char* never : {"Usage", "Options", "terminate", "what()", "std::", "boost"}) {
        CHECK(said.find(never) == std::string::npos);
    }
}

/// A run of a few requests in a shell that may limit it.
struct in_shell {
    test::child_process process;

    in_shell(const test::simulator& sim, const std::string& out, const std::string& before,
             const std::string& more)
        : process{{"bash", "-c",
                   before + "exec " + LMSTRESS_BINARY + " run --url " + sim.url() + " --out " +
                       out + ' ' + more},
                  {"LM_API_TOKEN=good"}} {}
};

}  // namespace

TEST_CASE("exit codes: 1 where the results cannot be written, and 130 goes before it") {
    test::simulator sim{fast};
    const test::temporary_directory at;
    // A file may grow to 1 KiB: the way of a full disk.
    in_shell full{sim, at.path() / "a", "ulimit -f 1; ", "--requests 40 --max-tokens 8"};
    CHECK(full.process.wait() == 1);
    CHECK(full.process.output().find("lmstress: cannot write " + (at.path() / "a").string()) !=
          std::string::npos);
    // What was measured is shown all the same.
    CHECK(full.process.output().find("TTFT ms") != std::string::npos);

    in_shell interrupted{sim, at.path() / "b", "ulimit -f 1; ", "--duration 60s --max-tokens 8"};
    interrupted.process.wait_for_output("level 1");
    interrupted.process.signal(SIGINT);
    interrupted.process.signal(SIGINT);
    CHECK(interrupted.process.wait() == 130);
    CHECK(interrupted.process.output().find("cannot write") != std::string::npos);
}

TEST_CASE("exit codes: 1 where there is no permission to make the directory") {
    test::simulator sim{fast};
    in_shell run{sim, "/proc/lmstress-test", "", "--quiet --requests 1"};
    CHECK(run.process.wait() == 1);
    check_short(run.process.output());
}

TEST_CASE("exit codes: 2 goes before 3, for nothing was asked of the server yet") {
    const auto run = test::run_lmstress({"run", "--url", "http://127.0.0.1:1", "--requests", "x"});
    CHECK(run.exit_code == 2);
    check_short(run.output);
}

TEST_CASE("exit codes: 3 for each way in which a server is not usable, in one sentence") {
    test::simulator sim{fast};
    const auto refused = [](const std::vector<std::string>& flags, const std::string& part) {
        std::vector<std::string> arguments{"run", "--quiet"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        const auto run = test::run_lmstress(arguments);
        CAPTURE(run.output);
        CHECK(run.exit_code == 3);
        CHECK(run.output.find(part) != std::string::npos);
        check_short(run.output);
    };
    refused({"--url", "http://127.0.0.1:1"}, "127.0.0.1 port 1");
    refused({"--url", "http://127.0.0.1:1"}, "lms server start");
    refused({"--url", "http://name.invalid"}, "name.invalid");
    refused({"--url", sim.url()}, "LM_API_TOKEN");
    refused({"--url", sim.url(), "--api-token", "bad"}, "refuses the API token");
}

TEST_CASE("exit codes: a secret that the server repeats is in no file and on no screen") {
    // The simulator names the model that it does not have.
    test::simulator sim{{"--api-token", "sk-SECRET-1"}};
    const test::temporary_directory at;
    const auto out = at.path() / "a";
    const auto run = test::run_lmstress({"run", "--url", sim.url(), "--api", "lmstudio", "--model",
                                         "sk-SECRET-1", "--header", "X-Key: SECRET-2",
                                         "--api-token", "sk-SECRET-1", "--requests", "1", "--set",
                                         "target.model=of sk-SECRET-1", "--out", out});
    CHECK(run.exit_code == 3);
    std::string all = test::content_of(out / "first-failure.txt");
    for (const std::string& line : test::lines_of(out / "requests.jsonl")) all += line;
    const std::string summary = test::content_of(out / "summary.json");
    // What the user asked for as a model is shown; what the server said of it is not.
    CHECK(summary.find("Invalid model identifier \\\"of ***\\\"") != std::string::npos);
    CHECK(all.find("SECRET-1") == std::string::npos);
    CHECK(all.find("SECRET-2") == std::string::npos);
}

TEST_CASE("exit codes: 3 where no request completed, with the kind of failure and what to do") {
    test::simulator sim{{"--context-length", "200"}};
    const test::temporary_directory at;
    const auto run = test::run_lmstress({"run", "--quiet", "--url", sim.url(), "--synthetic",
                                         "fixed:900", "--requests", "2", "--out", at.path() / "a"});
    CHECK(run.exit_code == 3);
    CHECK(run.output.find("lmstress: no request completed: 2 requests ended as prompt_too_long") !=
          std::string::npos);
    CHECK(run.output.find("context_length") != std::string::npos);
    CHECK(run.output.find("--max-tokens") != std::string::npos);
    const std::string kept = test::content_of(at.path() / "a" / "first-failure.txt");
    CHECK(kept.find("prompt_too_long") != std::string::npos);
    CHECK(kept.find("--- sent ---\nPOST /api/v1/chat HTTP/1.1\n") != std::string::npos);
    CHECK(kept.find("event: error") != std::string::npos);
}

TEST_CASE("exit codes: 4 over the allowed share of errors, and as soon as too many have failed") {
    // Four streams at once need more context than there is, two do not.
    test::simulator sim{{"--context-length", "400", "--step-base", "1ms"}};
    const test::temporary_directory at;
    const std::vector<std::string> common = {"run",         "--quiet",  "--url",        sim.url(),
                                             "--synthetic", "fixed:60", "--max-tokens", "60"};
    const auto run = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = common;
        arguments.insert(arguments.end(), more.begin(), more.end());
        return test::run_lmstress(arguments);
    };
    const auto some = run({"--concurrency", "1,4", "--requests", "16", "--out", at.path() / "a"});
    CAPTURE(some.output);
    CHECK(some.exit_code == 4);
    CHECK(run({"--concurrency", "1,4", "--requests", "16", "--max-error-rate", "1", "--out",
               at.path() / "b"})
              .exit_code == 0);
    const auto given_up = run({"--concurrency", "1,4,2", "--requests", "200", "--max-error-rate",
                               "1", "--max-failures", "3", "--out", at.path() / "c"});
    CHECK(given_up.exit_code == 4);
    CHECK(given_up.output.find("--max-failures") != std::string::npos);
    // The level of two streams was not begun.
    CHECK(test::content_of(at.path() / "c" / "run.jsonl").find("\"level\":2") == std::string::npos);
}

TEST_CASE("exit codes: 130 where Ctrl-C comes while the server is asked, in one sentence") {
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor silent{context, {boost::asio::ip::address_v4::loopback(), 0}};
    const std::string url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    const test::temporary_directory at;
    const std::vector<std::vector<std::string>> commands = {
        {LMSTRESS_BINARY, "run", "--url", url, "--out", at.path() / "a"},
        {LMSTRESS_BINARY, "models", "list", "--url", url},
        {LMSTRESS_BINARY, "probe", url}};
    for (const std::vector<std::string>& command : commands) {
        CAPTURE(command);
        test::child_process run{command};
        const auto asked = silent.accept();
        run.signal(SIGINT);
        CHECK(run.wait() == 130);
        CHECK(run.output() ==
              "lmstress: interrupted while the server was asked; what it was asked to do it may go "
              "on with\n");
    }
    CHECK_FALSE(std::filesystem::exists(at.path() / "a"));
}
