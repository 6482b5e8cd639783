// Secrets (a token, the value of a header, a header of an integration, the user, the path and the
// query of its URL) through every command and every output, against a server that works and one
// that repeats all it is sent; given by flags, the environment, a file that holds the token, and
// settings files.

#include "support/child_process.hpp"
#include "support/echo_server.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using words = std::vector<std::string>;

const std::string token = "sk-TOKEN-5711";
const std::string header = "HEADER-5712";
const std::string integration = "INTEGRATION-5713";

const std::string user = "USER-5714";
const std::string query = "QUERY-5715";
const std::string path = "PATH-5716";
const words all_secrets = {token, header, integration, user, query, path};

const std::string mcp_server =
    R"({"type": "ephemeral_mcp", "server_label": "x", "server_url": "http://)" + user +
    R"(:x@h/mcp/)" + path + R"(?key=)" + query + R"(", "headers": {"Authorization": "Bearer )" +
    integration + R"("}})";
const std::string extra = R"({"integrations": [)" + mcp_server + "]}";

void check_clean(const std::string& text) {
    CAPTURE(text);
    for (const std::string& secret : all_secrets) {
        CAPTURE(secret);
        CHECK(text.find(secret) == std::string::npos);
    }
}

/// Contents and names of all files.
void check_clean_directory(const fs::path& directory) {
    for (const auto& entry : fs::recursive_directory_iterator{directory}) {
        if (!entry.is_regular_file()) continue;
        CAPTURE(entry.path().string());
        check_clean(entry.path().filename().string());
        check_clean(test::content_of(entry.path()));
    }
}

/// A way in which the three are given to the program.
struct given {
    words flags;
    words environment;
    std::string directory = {};  ///< in which the program is started; empty: the test's own
};

test::finished run_in(const given& how, const words& command) {
    if (how.directory.empty()) return test::run_lmstress(command, how.environment);
    words all = {"/bin/sh", "-c", R"(cd "$0" && exec "$@")", how.directory, LMSTRESS_BINARY};
    all.insert(all.end(), command.begin(), command.end());
    test::child_process child{all, how.environment};
    const int code = child.wait();
    return {code, child.output()};
}

/// Every command that asks a server, with what belongs to it.
std::vector<words> asking_commands() {
    const words short_run = {
        "--requests",    "2",        "--max-tokens",     "2", "--api", "lmstudio", "--model",
        "qwen/qwen3-4b", "--events", "--max-error-rate", "1"};
    std::vector<words> all = {{"run"},
                              {"run", "--dry-run"},
                              {"run", "--n-parallel", "2"},
                              {"run", "--unified-kv-cache", "on"},
                              {"run", "--load", "--unload-after"}};
    for (words& command : all) command.insert(command.end(), short_run.begin(), short_run.end());
    for (const words& command :
         {words{"models", "list"}, words{"models", "list", "--json"},
          words{"models", "show", "qwen/qwen3-4b"}, words{"models", "load", "qwen/qwen3-4b"},
          words{"models", "unload", "--all"}, words{"models", "download", "a/b"}, words{"probe"}}) {
        all.push_back(command);
    }
    return all;
}

void check_all_commands(const std::string& url, const given& how) {
    const test::temporary_directory at;
    int n = 0;
    for (const words& asked : asking_commands()) {
        words command = asked;
        CAPTURE(command);
        const bool run = command.front() == "run";
        if (run) {
            command.insert(command.end(), {"--out", at.path() / std::to_string(n++)});
        }
        // probe takes the address as an argument.
        if (command.front() != "probe") command.emplace_back("--url");
        command.push_back(url);
        for (std::size_t i = 0; i < how.flags.size(); i += 2) {
            const bool of_requests = how.flags[i] == "--extra" || how.flags[i] == "--integrations";
            if (!run && of_requests) continue;
            command.insert(command.end(), {how.flags[i], how.flags[i + 1]});
        }
        check_clean(run_in(how, command).output);
        if (!run) continue;
        const fs::path result = at.path() / std::to_string(n - 1);
        if (fs::exists(result)) check_clean(test::run_lmstress({"report", result}).output);
    }
    check_clean_directory(at.path());
}

}  // namespace

TEST_CASE("secrets: none is in any output of any command, whatever the server repeats") {
    test::simulator sim{{"--api-token", token, "--step-base", "1ms", "--prefill-per-token", "1us",
                         "--download-seconds", "0"}};
    const test::echo_server echo;
    const given by_flags{{"--api-token", token, "--header", "X-Key: " + header, "--extra", extra},
                         {}};
    const given by_environment{
        {},
        {"LM_API_TOKEN=" + token, "LMSTRESS_HEADER=X-Key: " + header, "LMSTRESS_EXTRA=" + extra}};
    for (const given& how : {by_flags, by_environment}) {
        check_all_commands(sim.url(), how);
        check_all_commands(echo.url(), how);
    }
    for (const std::string& secret : all_secrets) CHECK(echo.heard(secret));
}

TEST_CASE("secrets: nor where files hold them, wherever they are found") {
    test::simulator sim{{"--api-token", token, "--step-base", "1ms", "--prefill-per-token", "1us",
                         "--download-seconds", "0"}};
    const test::temporary_directory at;
    const auto write = [&](const std::string& file, const std::string& text) {
        const fs::path made = at.path() / file;
        fs::create_directories(made.parent_path());
        std::ofstream{made} << text;
        return made.string();
    };
    const std::string settings = R"({"target": {"api_token": ")" + token +
                                 R"(", "headers": {"X-Key": ")" + header +
                                 R"("}}, "workload": {"integrations": [)" + mcp_server + "]}}";
    const given by_token_file{{"--api-token-file", write("token", token + "\n"), "--header",
                               "X-Key: " + header, "--integrations", mcp_server},
                              {}};
    write("project/lmstress.json", settings);
    const given by_project_file{{}, {}, at.path() / "project"};
    write("etc/lmstress/config.json", settings);
    const given by_user_file{{}, {"XDG_CONFIG_HOME=" + (at.path() / "etc").string()}};
    write("home/.config/lmstress/config.json", settings);
    const given by_home{{}, {"XDG_CONFIG_HOME=", "HOME=" + (at.path() / "home").string()}};
    for (const given& how : {by_token_file, by_project_file, by_user_file, by_home}) {
        // Of each way: that the secrets reach the server, so that there is something to hide.
        const test::echo_server echo;
        check_all_commands(sim.url(), how);
        check_all_commands(echo.url(), how);
        for (const std::string& secret : all_secrets) CHECK(echo.heard(secret));
    }
}

TEST_CASE("secrets: config shows that they are there, and from where") {
    for (const words& command : {words{"config"}, words{"config", "--json"}}) {
        words all = command;
        all.insert(all.end(), {"--api-token", token, "--header", "X-Key: " + header, "--extra",
                               extra, "--set", "target.headers.X-Other=" + header});
        const auto shown = test::run_lmstress(all);
        CHECK(shown.exit_code == 0);
        check_clean(shown.output);
        CHECK(shown.output.find("***") != std::string::npos);
    }
}

TEST_CASE("secrets: a value that is refused is not shown either") {
    const test::temporary_directory at;
    const std::string file = at.path() / "s.jsonc";
    for (const std::string& text :
         {R"({"target": {"api_token": [")" + token + R"("]}})",
          R"({"target": {"headers": {"X-Key": [")" + header + R"("]}}})",
          R"({"target": {"headers": {"X-Key": ")" + header + R"(\n"}}})",
          R"({"lmstudio": {"api_token": [")" + token + R"("]}})",
          R"({"target": {"api_token": ")" + token + " " + token + R"("}})",
          R"({"target": {"api_token": ")" + token + R"(" "x"}})"}) {
        CAPTURE(text);
        std::ofstream{file} << text;
        const auto refused = test::run_lmstress({"run", file, "--dry-run"});
        CHECK(refused.exit_code == 2);
        check_clean(refused.output);
    }
    for (const words& flags :
         {words{"--api-token", token + " " + token}, words{"--header", header},
          words{"--api_token=" + token}, words{"--extra", R"(["headers", ")" + integration + "\"]"},
          words{"--extra", R"({"headers": ")" + integration},
          words{"--url", "http://" + token + "@h"}, words{"--url", "http://h/?key=" + token},
          words{"--header", "Host: " + header},
          words{"--set", "target.api_token=[\"" + token + "\"]"},
          words{"--set", "target.headers=" + header}, words{"--set", "request.headers=" + header},
          words{"--set", header + token}}) {
        words command = {"run", "--dry-run"};
        command.insert(command.end(), flags.begin(), flags.end());
        const auto refused = test::run_lmstress(command);
        CHECK(refused.exit_code == 2);
        check_clean(refused.output);
    }
}

TEST_CASE("secrets: neither the live view nor the process's title has one") {
    test::simulator sim{{"--api-token", token, "--step-base", "2ms"}};
    const test::temporary_directory at;
    const words common = {LMSTRESS_BINARY, "run", "--url", sim.url(), "--concurrency", "2",
                          "--duration",    "1h",  "--out"};
    const given by_flags{{"--api-token", token, "--header=X-Key: " + header, "--extra", extra}, {}};
    const given by_environment{{}, {"LM_API_TOKEN=" + token, "LMSTRESS_HEADER=X-Key: " + header}};
    const std::string etc = at.path() / "etc";
    fs::create_directories(etc + "/lmstress");
    const std::string file = etc + "/lmstress/config.json";
    std::ofstream{file} << R"({"target": {"api_token": ")" + token +
                               R"(", "headers": {"X-Key": ")" + header +
                               R"("}}, "workload": {"integrations": [)" + mcp_server + "]}}";
    const given by_file{{}, {"XDG_CONFIG_HOME=" + etc}};
    int n = 0;
    for (given how : {by_flags, by_environment, by_file}) {
        words command = common;
        command.push_back(at.path() / std::to_string(n++));
        command.insert(command.end(), how.flags.begin(), how.flags.end());
        how.environment.emplace_back("TERM=xterm");
        test::child_process run{command, how.environment, {.columns = 100, .rows = 24}};
        run.wait_for_output("in flight");
        const std::string process = "/proc/" + std::to_string(run.id());
        check_clean(test::content_of(process + "/cmdline"));
        CHECK(test::content_of(process + "/comm") == "lmstress\n");
        run.type("\x03");
        run.wait_for_output("again to cut them");
        run.type("\x03");
        CHECK(run.wait() == 130);
        check_clean(run.output());
    }
    fs::remove(file);
    check_clean_directory(at.path());
}

TEST_CASE(
    "secrets: a token on the command line is warned of once, on stderr and not with --quiet") {
    const auto count = [](const words& flags) {
        words command = {"run", "--dry-run"};
        command.insert(command.end(), flags.begin(), flags.end());
        const std::string said = test::run_lmstress(command).output;
        int n = 0;
        for (std::size_t i = said.find("(ps)"); i != std::string::npos;
             i = said.find("(ps)", i + 1))
            ++n;
        return n;
    };
    CHECK(count({"--api-token", token}) == 1);
    CHECK(count({"--header", "authorization: Bearer " + token}) == 1);
    CHECK(count({"--set", "target.api_token=" + token}) == 1);
    CHECK(count({"--api-token", token, "--quiet"}) == 0);
    CHECK(count({"--header", "X-Team: blue"}) == 0);
    CHECK(count({}) == 0);
}
