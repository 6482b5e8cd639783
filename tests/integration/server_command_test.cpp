// run --server-command: the built-in server as the one that the run starts and stops.

#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace json = boost::json;

namespace {

const std::string sim = std::string{LMSTRESS_BINARY} + " sim --port {port} --step-base 1ms";

test::finished run(const std::string& command, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"run", "--server-command", command, "--max-tokens",
                                          "2",   "--requests",       "4"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_lmstress(arguments);
}

bool says(const test::finished& f, const std::string& text) {
    return f.output.find(text) != std::string::npos;
}

/// The process that a shell wrote there is no more.
bool is_gone(const std::filesystem::path& pid_file) {
    const int pid = std::stoi(test::content_of(pid_file));
    return kill(pid, 0) != 0;
}

/// A command that leaves its process id there: the shell becomes what follows.
std::string noting_pid(const std::filesystem::path& pid_file, const std::string& then) {
    return "sh -c 'echo $$ > " + pid_file.string() + "; exec " + then + "'";
}

}  // namespace

TEST_CASE("server command: started on a free port, loaded, and stopped with its log kept") {
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const auto pid_file = directory.path() / "pid";
    const auto ended = run(noting_pid(pid_file, sim + " --parallel {parallel}"),
                           {"--n-parallel", "3", "--out", out});
    CAPTURE(ended.output);
    REQUIRE(ended.exit_code == 0);
    CHECK(is_gone(pid_file));
    CHECK(test::content_of(out + "/server.log").find("listening on") != std::string::npos);
    const json::value summary = json::parse(test::content_of(out + "/summary.json"));
    const json::object& level = summary.at("levels").at(0).as_object();
    CHECK(level.at("server").at("parallel").at("confirmed").to_number<int>() == 3);
    const std::string url{level.at("target").at("url").as_string()};
    CHECK(url.starts_with("http://127.0.0.1:"));
    CHECK(url != "http://127.0.0.1:1234");
}

TEST_CASE(
    "server command: what llama.cpp prints of its KV cache is read, and held against the wish") {
    const test::temporary_directory directory;
    const auto confirmed = [&](const std::string& value, const std::string& wish, int code) {
        const std::string script = directory.path() / (value + wish + ".sh");
        std::ofstream{script} << "echo \"load_model: initializing, n_slots = 4, kv_unified = '"
                              << value << "'\"\nexec " << LMSTRESS_BINARY
                              << " sim --only-v0 \"$@\"\n";
        const std::string out = directory.path() / (value + wish);
        const auto ended = run("sh " + script + " --step-base 1ms --port {port}",
                               {"--unified-kv-cache", wish, "--out", out, "--api", "openai-chat",
                                "--model", "qwen/qwen3-4b"});
        CAPTURE(ended.output);
        CHECK(ended.exit_code == code);
        const json::value summary = json::parse(test::content_of(out + "/summary.json"));
        const json::value& kv = summary.at("levels").at(0).at("server").at("unified_kv");
        CHECK(kv.at("source").as_string() == "server.log");
        return kv.at("confirmed").as_bool();
    };
    CHECK_FALSE(confirmed("false", "off", 0));
    CHECK(confirmed("true", "on", 0));
    CHECK(confirmed("true", "off", 5));
}

TEST_CASE("server command: one that ends early, or cannot be started") {
    const auto early = run("sh -c 'echo no such model; exit 7' {port}", {});
    CAPTURE(early.output);
    CHECK(early.exit_code == 3);
    CHECK(says(early, "ended with exit code 7 before it answered"));
    CHECK(says(early, "The last that it said: no such model"));
    const auto missing = run("no-such-program-anywhere {port}", {});
    CAPTURE(missing.output);
    CHECK(missing.exit_code == 2);
    CHECK(says(missing, "cannot start no-such-program-anywhere"));
}

TEST_CASE("server command: one that never answers is stopped") {
    const test::temporary_directory directory;
    const auto pid_file = directory.path() / "pid";
    const auto never =
        run(noting_pid(pid_file, "sleep 600") + " {port}", {"--timeout-server", "300ms"});
    CAPTURE(never.output);
    CHECK(never.exit_code == 3);
    CHECK(says(never, "does not answer at http://127.0.0.1:"));
    CHECK(is_gone(pid_file));
}

TEST_CASE("server command: Ctrl-C while it is awaited stops it") {
    const test::temporary_directory directory;
    const auto pid_file = directory.path() / "pid";
    test::child_process process{{LMSTRESS_BINARY, "run", "--server-command",
                                 noting_pid(pid_file, "sleep 600") + " {port}"}};
    process.wait_for_output("starting");
    test::wait_for_lines(directory.path(), "pid", 1);
    process.signal(SIGINT);
    CHECK(process.wait() == 130);
    CHECK(is_gone(pid_file));
}

TEST_CASE("server command: Ctrl-C during the load stops it after the run") {
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    const auto pid_file = directory.path() / "pid";
    std::filesystem::create_directory(out);
    test::child_process process{{LMSTRESS_BINARY, "run", "--server-command",
                                 noting_pid(pid_file, sim), "--duration", "10m", "--warmup", "0",
                                 "--max-tokens", "2", "--out", out}};
    test::wait_for_lines(out, "requests.jsonl", 3);
    process.signal(SIGINT);
    CHECK(process.wait() == 130);
    CHECK(is_gone(pid_file));
    CHECK(std::filesystem::exists(out + "/summary.json"));
    CHECK(std::filesystem::exists(out + "/server.log"));
}

TEST_CASE("server command: what cannot be filled in, and a port that is taken") {
    const auto no_value = run("x {parallel} {port}", {});
    CHECK(no_value.exit_code == 2);
    CHECK(says(no_value, "no --n-parallel says what to put there"));
    const auto no_port = run("x", {});
    CHECK(no_port.exit_code == 2);
    CHECK(says(no_port, "--server-command has no {port}"));
    const auto quote = run("x 'y", {});
    CHECK(quote.exit_code == 2);
    const test::simulator there;
    const auto taken = run(sim, {"--url", there.url()});
    CAPTURE(taken.output);
    CHECK(taken.exit_code == 2);
    CHECK(says(taken, "listens at " + there.url() + " already"));
    const auto alone = test::run_lmstress({"run", "--context-length", "4096", "--requests", "1"});
    CHECK(alone.exit_code == 2);
    CHECK(says(alone, "models load --context-length"));
}

TEST_CASE("server command: a dry run shows it filled in, its key hidden, and starts nothing") {
    const auto shown =
        run("no-such {kv_flag} --port {port} --api-key hush-hush -a 'b c'",
            {"--url", "http://127.0.0.1:4711", "--unified-kv-cache", "off", "--dry-run"});
    CAPTURE(shown.output);
    CHECK(shown.exit_code == 0);
    CHECK(says(shown, "command    no-such --no-kv-unified --port 4711 --api-key *** -a 'b c'"));
    CHECK(says(shown, "Nothing was started or sent."));
    CHECK_FALSE(says(shown, "hush"));
}
