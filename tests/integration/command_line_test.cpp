// The command line as it is documented: help, README, manual page, completion.

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>

namespace {

using flags = std::set<std::string>;

flags flags_in(const std::string& text) {
    static const std::regex flag{"(^|[^a-zA-Z0-9-])(--[a-z][a-z0-9-]*)"};
    flags found;
    for (std::sregex_iterator at{text.begin(), text.end(), flag}, end; at != end; ++at) {
        found.insert((*at)[2]);
    }
    return found;
}

/// Those that are in the one and not in the other, for an error that can be read.
std::string missing(const flags& from, const flags& in) {
    std::string out;
    for (const std::string& flag : from) {
        if (!in.contains(flag)) out += flag + ' ';
    }
    return out;
}

/// Those that have flags.
const std::vector<std::vector<std::string>> commands = {{"run"},
                                                        {"sweep"},
                                                        {"capacity"},
                                                        {"config"},
                                                        {"probe"},
                                                        {"sim"},
                                                        {"report"},
                                                        {"merge"},
                                                        {"compare"},
                                                        {"selfcheck"},
                                                        {"history", "list"},
                                                        {"history", "show"},
                                                        {"history", "compare"},
                                                        {"history", "tag"},
                                                        {"history", "delete"},
                                                        {"history", "export"},
                                                        {"history", "import"},
                                                        {"serve"},
                                                        {"models", "list"},
                                                        {"models", "show"},
                                                        {"models", "load"},
                                                        {"models", "unload"},
                                                        {"models", "download"}};

std::string said_by(const std::vector<std::string>& command) {
    test::child_process shell{command};
    const int code = shell.wait();
    CAPTURE(shell.output());
    CHECK(code == 0);
    return shell.output();
}

}  // namespace

TEST_CASE("command line: every flag of the README is in a help text, and the reverse") {
    flags in_help;
    for (std::vector<std::string> command : commands) {
        command.emplace_back("--help");
        in_help.merge(flags_in(test::run_lmstress(command).output));
    }
    const flags in_readme = flags_in(test::content_of(PROJECT_DIRECTORY "/README.md"));
    // Of cmake, llama-server, lms and the program as a whole.
    const flags of_others = {"--build",         "--preset", "--workflow", "--kv-unified",
                             "--no-kv-unified", "--bind",   "--version"};
    flags explained = in_help;
    explained.insert(of_others.begin(), of_others.end());
    CHECK(missing(in_readme, explained) == "");
    CHECK(missing(in_help, in_readme) == "");
}

TEST_CASE("command line: the manual page names every flag, and groff has nothing to say on it") {
    const test::temporary_directory directory;
    const std::string page = test::run_lmstress({"manual"}).output;
    const std::string file = directory.path() / "lmstress.1";
    std::ofstream{file} << page;
    CHECK(said_by({"groff", "-man", "-Tutf8", "-ww", "-z", file}) == "");
    const std::string plain = std::regex_replace(page, std::regex{R"(\\(f[BIR])?)"}, "");
    for (std::vector<std::string> command : commands) {
        command.emplace_back("--help");
        const flags in_help = flags_in(test::run_lmstress(command).output);
        CHECK(missing(in_help, flags_in(plain)) == "");
    }
}

TEST_CASE("command line: completion works in bash, zsh and fish") {
    const test::temporary_directory directory;
    const auto script = [&](const std::string& shell) {
        const std::string file = directory.path() / ("lmstress." + shell);
        std::ofstream{file} << test::run_lmstress({"completion", shell}).output;
        return file;
    };
    const std::string in_bash = "source " + script("bash") +
                                "; try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(( $# - 1 )); "
                                "_lmstress; echo \"${COMPREPLY[@]}\"; };"
                                "try lmstress r; try lmstress run --conc; try lmstress run --salt "
                                "s; try lmstress completion z; try lmstress models unl";
    CHECK(said_by({"bash", "-uc", in_bash}) == "run report\n--concurrency\nseed\nzsh\nunload\n");
    CHECK(said_by({"zsh", "-n", script("zsh")}) == "");
    const std::string in_fish = "source " + script("fish") +
                                "; complete -C 'lmstress run --salt s'; complete -C 'lmstress rep'";
    const std::string fish = said_by({"fish", "--no-config", "-c", in_fish});
    CHECK(fish.starts_with("seed\t"));
    CHECK(fish.find("\nreport\t") != std::string::npos);
}

TEST_CASE("command line: --dry-run sends nothing, hides secrets and says what would be done") {
    const auto run = test::run_lmstress({"run", "--url", "http://127.0.0.1:1", "--api", "lmstudio",
                                         "--concurrency", "1,4", "--requests", "64", "--api-token",
                                         "sk-SECRET", "--header", "X-Key: SECRET", "--prompt",
                                         "hello", "--salt", "none", "--dry-run", "--quiet"});
    CHECK(run.exit_code == 0);
    CHECK(run.output.starts_with("POST /api/v1/chat HTTP/1.1\nHost: 127.0.0.1:1\n"));
    CHECK(run.output.find("SECRET") == std::string::npos);
    CHECK(run.output.find("Authorization: Bearer ***\nX-Key: ***\n") != std::string::npos);
    CHECK(run.output.find("\"input\": \"hello\"") != std::string::npos);
    CHECK(run.output.find("64 in the window of each level, 128 in all") != std::string::npos);
    CHECK(run.output.find("Nothing was sent.") != std::string::npos);
}

TEST_CASE("command line: an argument has the same name in the usage and in the list below it") {
    CHECK(test::run_lmstress({"models", "load", "--help"})
              .output.find("Usage: lmstress models load [OPTIONS] MODEL\n") != std::string::npos);
    CHECK(test::run_lmstress({"run", "--help"})
              .output.find("Usage: lmstress run [OPTIONS] [SCENARIO]\n") != std::string::npos);
}

TEST_CASE("command line: help that cannot be written is an error") {
    for (const std::string flag : {"--help", "--version", "run --help", "manual"}) {
        test::child_process shell{{"sh", "-c", "exec " LMSTRESS_BINARY " " + flag + " >/dev/full"}};
        CHECK(shell.wait() == 1);
        CHECK(shell.output() ==
              "lmstress: cannot write to standard output: No space left on device\n");
    }
}

TEST_CASE("command line: a scenario is an ordinary file of ordinary size") {
    const test::temporary_directory directory;
    const std::string pipe = directory.path() / "pipe";
    CHECK(said_by({"mkfifo", pipe}) == "");
    const std::string large = directory.path() / "large";
    std::ofstream{large} << "{}";
    std::filesystem::resize_file(large, 16'777'217);
    const std::string twice = directory.path() / "twice.jsonc";
    std::ofstream{twice} << "{\n  \"load\": {\"grace\": \"1s\",\n\"grace\": \"2s\"}\n}\n";
    const auto refused = [](const std::string& file) {
        const auto run = test::run_lmstress({"run", file, "--dry-run"});
        CHECK(run.exit_code == 2);
        return run.output;
    };
    CHECK(refused(pipe) == "lmstress: " + pipe + " is no ordinary file, as a scenario is\n");
    CHECK(refused("/dev/zero") == "lmstress: /dev/zero is no ordinary file, as a scenario is\n");
    CHECK(refused(large) == "lmstress: " + large + " is over 16 MB, which no scenario is\n");
    CHECK(refused(twice).starts_with("lmstress: " + twice + " line 3 column "));
    CHECK(refused(twice).ends_with(": \"grace\" is there twice\n"));
    CHECK(refused(directory.path()).find("is a directory") != std::string::npos);
}

TEST_CASE("command line: what is wrong gets one sentence, a hint, and exit code 2") {
    const auto refused = [](const std::vector<std::string>& arguments) {
        const auto run = test::run_lmstress(arguments);
        CHECK(run.exit_code == 2);
        CHECK(std::count(run.output.begin(), run.output.end(), '\n') <= 3);
        return run.output;
    };
    CHECK(refused({"run", "--concurency", "3"}) ==
          "lmstress: lmstress run has no flag --concurency\n"
          "  Did you mean --concurrency? See lmstress run --help\n");
    CHECK(refused({"run", "--set", "load.durations=3s"}) ==
          "lmstress: /load/durations is no field of a scenario (--set /load/durations)\n"
          "  Did you mean /load/duration?\n");
    CHECK(refused({"run", "missing.jsonc"}) ==
          "lmstress: cannot read missing.jsonc: No such file or directory\n");
    CHECK(refused({"run", "--requests", "4", "--duration", "3s"}) ==
          "lmstress: --duration and --requests exclude each other\n");
    CHECK(refused({"run", "--requests", "-1"}) ==
          "lmstress: --requests: -1 is not a whole number from 1 to 1000000000\n");
    CHECK(refused({"run", "--duration", "0"}).starts_with("lmstress: a duration of 0"));
    CHECK(refused({"sim", "--parallel", "0"}).find("--parallel") != std::string::npos);
    CHECK(refused({"rnu"}) == "lmstress: there is no command rnu\n  Did you mean run?\n");
    CHECK(refused({"run", "--api_token=SECRET"}).find("SECRET") == std::string::npos);
    CHECK(refused({"run", "--url", "http://me:SECRET@h"}).find("SECRET") == std::string::npos);
    CHECK(refused({"run", "--url", "http://h/?key=SECRET"}).find("SECRET") == std::string::npos);
    CHECK(refused({"run", "--duration", "9000h"}).find("is not a duration") != std::string::npos);
    CHECK(refused({"run", "--synthetic", "fixed:1e300"}).find("law") != std::string::npos);
    CHECK(refused({}) ==
          "lmstress: a command is missing: run, sweep, capacity, config, probe, models, sim, "
          "report, merge, compare, history, serve, selfcheck, completion, manual\n  See lmstress "
          "--help\n");
    CHECK(refused({"models", "load"}) ==
          "lmstress: MODEL is missing\n  See lmstress models load --help\n");
    CHECK(refused({"run", "--url"}) ==
          "lmstress: --url wants a value\n  See lmstress run --help\n");
    CHECK(refused({"models", "list", "--type", "x"}) ==
          "lmstress: --type: x is none of llm, embedding\n  See lmstress models list --help\n");
    CHECK(refused({"run", "a.jsonc", "sk-SECRET"}) ==
          "lmstress: lmstress run was given an argument too many\n  See lmstress run --help\n");
    CHECK(
        refused({"run", "--extra", "[1]"}).starts_with("lmstress: --extra is not a JSON object\n"));
}
