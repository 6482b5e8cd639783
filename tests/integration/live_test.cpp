// What a run shows while it goes on: the real program on a terminal of its own.

#include "support/child_process.hpp"
#include "support/terminal_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <regex>
#include <string>
#include <vector>

namespace {

using std::chrono::steady_clock;

const std::vector<std::string> fast = {"--step-base",         "2ms", "--step-per-stream", "0",
                                       "--prefill-per-token", "5us"};
const std::vector<std::string> capable = {"TERM=xterm", "NO_COLOR="};

/// lmstress run with four streams.
std::vector<std::string> run_of(const test::simulator& sim, const std::string& duration,
                                const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command = {LMSTRESS_BINARY, "run",    "--url",    sim.url(),
                                        "--concurrency", "4",      "--warmup", "0",
                                        "--duration",    duration, "--out",    out};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

std::vector<std::string> short_run(const test::simulator& sim, const std::string& out,
                                   const std::vector<std::string>& more = {}) {
    std::vector<std::string> rest = {"--max-tokens", "20"};
    rest.insert(rest.end(), more.begin(), more.end());
    return run_of(sim, "1200ms", out, rest);
}

/// The same by a shell that redirects.
std::vector<std::string> by_shell(const std::vector<std::string>& command,
                                  const std::string& redirection) {
    std::string line = "exec";
    for (const std::string& word : command) line += " '" + word + "'";
    return {"sh", "-c", line + ' ' + redirection};
}

void end_by_ctrl_c(test::child_process& run) {
    run.type("\x03");
    run.wait_for_output("again to cut them");
    run.type("\x03");
    CHECK(run.wait() == 130);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A live line counts what is in flight; the table of results has the word as well.
bool has_live_line(const std::string& text) {
    return std::regex_search(text, std::regex{"[0-9] in flight"});
}

/// No part of a live line, and nothing that only a terminal obeys.
void check_plain(const std::string& text) {
    CAPTURE(text);
    CHECK_FALSE(has_live_line(text));
    CHECK(text.find_first_of("\r\x1b") == std::string::npos);
}

void check_drawn(const std::vector<std::string>& drawn, std::size_t columns) {
    for (const std::string& line : drawn) {
        CAPTURE(line);
        CHECK(line.size() < columns);
        CHECK(has(line, " tok/s"));
    }
}

}  // namespace

TEST_CASE(
    "live: a line that fits its terminal, redrawn at most five times a second, gone at the end") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    for (const int columns : {80, 40}) {
        CAPTURE(columns);
        const auto begin = steady_clock::now();
        test::child_process run{short_run(sim, directory.path() / std::to_string(columns)),
                                capable,
                                {.columns = columns}};
        CHECK(run.wait() == 0);
        const std::chrono::duration<double> took = steady_clock::now() - begin;
        const std::string output = run.output();
        CAPTURE(output);
        const std::size_t table = output.find("lmstress 0");
        REQUIRE(table != std::string::npos);
        // Erased is the last thing before the table, and nothing draws behind it.
        CHECK(output.substr(0, table).ends_with("\r\x1b[J"));
        CHECK_FALSE(has(output.substr(table), "\x1b"));
        const auto live =
            test::shown_by(output.substr(0, table), static_cast<std::size_t>(columns));
        CHECK_FALSE(live.wrapped);
        CHECK(live.rows == std::vector<std::string>{""});
        check_drawn(live.drawn, static_cast<std::size_t>(columns));
        CHECK_FALSE(live.drawn.empty());
        CHECK(static_cast<double>(live.drawn.size()) <= took.count() * 5 + 1);
    }
}

TEST_CASE("live: the line follows the width of its terminal") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    test::child_process run{
        run_of(sim, "1000s", directory.path() / "out"), capable, {.columns = 200}};
    run.wait_for_output("\r4 streams  [..........]  0 %  ");
    const std::size_t before = run.output().size();
    run.resize({.columns = 40});
    run.wait_for_output("\r0 %  ");
    end_by_ctrl_c(run);
    const std::string after = run.output().substr(run.output().find("\r0 %  ", before));
    const auto drawn = test::shown_by(after.substr(0, after.find("ending")), 200).drawn;
    REQUIRE_FALSE(drawn.empty());
    check_drawn(drawn, 40);
}

TEST_CASE("live: errors are red, and with NO_COLOR nothing is") {
    test::simulator sim{{"--step-base", "50ms"}};
    const test::temporary_directory directory;
    const auto command = [&](const char* out) {
        return run_of(sim, "1000s", directory.path() / out, {"--timeout-request", "150ms"});
    };
    test::child_process coloured{command("a"), capable, {}};
    test::child_process plain{command("b"), {"TERM=xterm", "NO_COLOR=1"}, {}};
    const auto shows_errors = [](const std::string& output) {
        const std::size_t last = output.rfind("errors ");
        return last != output.npos && last + 7 < output.size() && output[last + 7] != '0';
    };
    for (auto* run : {&coloured, &plain}) {
        run->wait_for_output(shows_errors);
        end_by_ctrl_c(*run);
    }
    CHECK(has(coloured.output(), "\x1b[31merrors "));
    CHECK_FALSE(has(plain.output(), "\x1b[31m"));
    CHECK_FALSE(has(plain.output(), "\x1b[0m"));
}

TEST_CASE("live: files get plain lines, standard output never a live one, --quiet none") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto file = [&](const char* name) { return (directory.path() / name).string(); };
    test::child_process errors{
        by_shell(short_run(sim, file("a")), "2>" + file("stderr")), capable, {}};
    test::child_process table{
        by_shell(short_run(sim, file("b")), ">" + file("stdout")), capable, {}};
    test::child_process quiet{short_run(sim, file("c"), {"--quiet"}), capable, {}};
    test::child_process dumb{short_run(sim, file("d")), {"TERM=dumb"}, {}};
    for (auto* run : {&errors, &table, &quiet, &dumb}) CHECK(run->wait() == 0);

    check_plain(test::content_of(file("stderr")));
    CHECK(test::content_of(file("stderr")) == "level 1: 4 streams ...\n");
    CHECK_FALSE(has_live_line(errors.output()));
    CHECK_FALSE(has(errors.output(), "\x1b"));

    check_plain(test::content_of(file("stdout")));
    CHECK(test::content_of(file("stdout")).starts_with("lmstress 0"));
    CHECK(has_live_line(table.output()));
    CHECK(test::shown_by(table.output(), 80).rows == std::vector<std::string>{""});

    CHECK(quiet.output().starts_with("lmstress 0"));
    CHECK(dumb.output().starts_with("level 1: 4 streams ...\r\nlmstress 0"));
}

TEST_CASE("live: what Ctrl-C is answered stands on lines of its own") {
    test::simulator sim{{"--step-base", "100ms", "--context-length", "100000"}};
    const test::temporary_directory directory;
    test::child_process run{
        run_of(sim, "1000s", directory.path() / "out", {"--max-tokens", "2000"}), capable, {}};
    run.wait_for_output("in flight");
    run.type("\x03");
    run.wait_for_output("draining");
    run.type("\x03");
    CHECK(run.wait() == 130);
    CAPTURE(run.output());
    const auto rows = test::shown_by(run.output(), 80).rows;
    REQUIRE(rows.size() > 3);
    CHECK(rows[0] == "ending: waiting for the requests in flight (again to cut them)");
    CHECK(rows[1] == "ending: cutting the requests in flight");
    CHECK(rows[2].starts_with("lmstress 0"));
}

TEST_CASE("live: a model that is loaded is shown so") {
    test::simulator sim{{"--cold", "--load-seconds", "1000"}};
    const test::temporary_directory directory;
    test::child_process run{
        run_of(sim, "1000s", directory.path() / "out", {"--model", "qwen/qwen3-4b"}), capable, {}};
    run.wait_for_output("\rloading qwen/qwen3-4b: 0 %  ");
    end_by_ctrl_c(run);
    const auto rows = test::shown_by(run.output(), 80).rows;
    CHECK(rows[0].starts_with("ending: waiting"));
    CHECK(rows[1].starts_with("ending: cutting"));
}

TEST_CASE("live: a warning that comes while the line is there does not stand in it") {
    test::simulator sim{{"--cold", "--load-seconds", "0.6", "--context-length", "512",
                         "--step-base", "2ms", "--step-per-stream", "0"}};
    const test::temporary_directory directory;
    test::child_process run{
        run_of(sim, "1000s", directory.path() / "out", {"--model", "qwen/qwen3-4b"}), capable, {}};
    run.wait_for_output("\rloading ");
    run.wait_for_output("tokens of context");
    end_by_ctrl_c(run);
    CAPTURE(run.output());
    const auto rows = test::shown_by(run.output(), 300).rows;
    CHECK(rows[0].starts_with("lmstress: 4 at once "));
    CHECK(has(run.output(), "\r\x1b[Jlmstress: 4 at once "));
    CHECK(rows[1].starts_with("ending: waiting"));
    CHECK(rows[2].starts_with("ending: cutting"));
}

TEST_CASE("live: a terminal that is stopped does not stop the run") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    const auto file = (directory.path() / "stdout").string();
    test::child_process run{
        by_shell(short_run(sim, directory.path() / "out"), ">" + file), capable, {}};
    run.wait_for_output("in flight");
    run.type("\x13");  // Ctrl-S
    CHECK(run.wait(std::chrono::seconds{20}) == 0);
    CHECK(test::content_of(file).starts_with("lmstress 0"));
}
