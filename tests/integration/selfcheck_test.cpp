// lmstress selfcheck as a user meets it: processes, sockets and signals.

#include "support/child_process.hpp"
#include "support/json_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

/// Where a test's self-checks are kept.
struct state_of_its_own {
    test::temporary_directory at;
    std::vector<std::string> environment{"XDG_STATE_HOME=" + at.path().string(),
                                         "TMPDIR=" + at.path().string()};
    [[nodiscard]] fs::path file() const { return at.path() / "lmstress" / "selfcheck.json"; }
};

/// A process has that among the words of its command.
bool any_process_names(const std::string& words) {
    for (const auto& entry : fs::directory_iterator{"/proc"}) {
        std::ifstream command{entry.path() / "cmdline", std::ios::binary};
        const std::string all{std::istreambuf_iterator<char>{command}, {}};
        if (all.find(words) != std::string::npos) return true;
    }
    return false;
}

double error_of(const json::value& check, const char* what, const char* quantile) {
    return check.at("levels").at(0).at(what).at(quantile).to_number<double>();
}

}  // namespace

TEST_CASE("selfcheck: 16 streams, compared with the truth log, kept, and beside the next run") {
    const state_of_its_own state;
    const auto check = test::run_lmstress({"selfcheck", "--quiet", "--json", "--concurrency", "16",
                                           "--duration", "2s", "--max-tokens", "20"},
                                          state.environment);
    CAPTURE(check.output);
    CHECK(
        (check.exit_code == 0 || check.exit_code == 5));  // of a machine that does other things too
    const json::value all = json::parse(check.output);
    CHECK(
        test::json_schema{test::content_of(PROJECT_DIRECTORY "/docs/schema/selfcheck.schema.json")}
            .error_in(all) == "");
    const json::value& level = all.at("levels").at(0);
    CHECK(level.at("streams").to_number<int>() == 16);
    CHECK(level.at("requests").to_number<int>() >= 32);
    CHECK(level.at("gaps").to_number<int>() > 19 * 16);
    // Wide: the machine may do other things, and of 46 requests one may wait.
    CHECK(std::abs(error_of(all, "ttft_error_ms", "p90")) < 5);
    CHECK(error_of(all, "gap_error_ms", "p90") < 5);
    // The truth is the server's: a token each 50 ms.
    CHECK(level.at("true_gap_ms").at("p50").to_number<double>() ==
          doctest::Approx(50).epsilon(0.1));
    CHECK(test::content_of(state.file()) == check.output);

    test::simulator sim{{"--step-base", "1ms"}};
    const fs::path out = state.at.path() / "out";
    const auto run = test::run_lmstress(
        {"run", "--url", sim.url(), "--requests", "4", "--max-tokens", "4", "--out", out},
        state.environment);
    CAPTURE(run.output);
    CHECK(run.output.find("own error, by the self-check of ") != std::string::npos);
    const std::string summary = test::content_of(out / "summary.json");
    CHECK(json::parse(summary).at("selfcheck") == all.at("held"));
    // What is measured anew from the journal has it too.
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out / "summary.json") == summary);
    // No directory is left behind.
    for (const auto& entry : fs::directory_iterator{state.at.path()}) {
        CHECK(entry.path().filename().string().find("lmstress-selfcheck-") == std::string::npos);
    }
}

TEST_CASE("selfcheck: nothing of the surroundings changes the load twice") {
    const state_of_its_own state;
    std::vector<std::string> environment = state.environment;
    for (const char* variable :
         {"LMSTRESS_CONCURRENCY=3", "LMSTRESS_DURATION=1s", "LMSTRESS_URL=http://127.0.0.1:9",
          "LMSTRESS_MAX_TOKENS=5", "LM_API_TOKEN=SECRET-1"}) {
        environment.emplace_back(variable);
    }
    const auto check = test::run_lmstress({"selfcheck", "--api", "openai-chat"}, environment);
    CAPTURE(check.output);
    CHECK((check.exit_code == 0 || check.exit_code == 5));
    CHECK(check.output.find("3 streams against the built-in server ...") != std::string::npos);
    CHECK(check.output.find("SECRET-1") == std::string::npos);
    CHECK(test::content_of(state.file()).find("\"api\": \"openai-chat\"") != std::string::npos);
}

TEST_CASE("selfcheck: a Ctrl-C ends the server, the run and itself, and leaves no directory") {
    const state_of_its_own state;
    test::child_process check{
        {LMSTRESS_BINARY, "selfcheck", "--concurrency", "4", "--duration", "5s"},
        state.environment};
    check.wait_for_output("4 streams against");
    // Once the journal has a request, both are at work.
    const auto find_journal = [&]() -> std::optional<fs::path> {
        for (const auto& entry : fs::directory_iterator{state.at.path()}) {
            const fs::path journal = entry.path() / "0" / "out" / "requests.jsonl";
            if (fs::exists(journal)) return journal;
        }
        return std::nullopt;
    };
    while (!find_journal()) std::this_thread::yield();
    check.signal(SIGINT);
    CHECK(check.wait() == 130);
    CHECK_FALSE(find_journal());
    CHECK_FALSE(fs::exists(state.file()));
    CHECK_FALSE(any_process_names(state.at.path().string() + "/lmstress-selfcheck"));
}

TEST_CASE("selfcheck: what cannot be compared is a usage error") {
    const auto check = test::run_lmstress({"selfcheck", "--api", "openai-embeddings"});
    CHECK(check.exit_code == 2);
    CHECK(check.output.find("openai-embeddings has no stream") != std::string::npos);
}
