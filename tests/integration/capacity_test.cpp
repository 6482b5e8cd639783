// lmstress capacity as a user meets it.

#include "support/child_process.hpp"
#include "support/flowing.hpp"
#include "support/json_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace json = boost::json;
namespace fs = std::filesystem;

namespace {

bool says(const test::finished& f, const std::string& text) {
    return test::flowing(f.output).find(test::flowing(text)) != std::string::npos;
}

}  // namespace

TEST_CASE("capacity: four slots serve four users without a wait") {
    // An answer takes 20 steps of 10 ms; who waits for a slot waits for a good part of that.
    test::simulator sim{{"--parallel", "4", "--step-base", "10ms", "--step-per-stream", "0",
                         "--prefill-per-token", "0"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    const auto run =
        test::run_lmstress({"capacity", "--url", sim.url(), "--slo", "ttft<80ms,tpot<500ms",
                            "--attainment", "0.9", "--first", "2", "--duration", "1500ms",
                            "--warmup", "200ms", "--max-tokens", "20", "--out", out});
    CAPTURE(run.output);
    CHECK(run.exit_code == 0);
    CHECK(says(run,
               "Capacity: 4 users hold ttft<80ms,tpot<500ms in 90 % of the requests (tested "
               "twice); 5 users do not (tested twice)."));
    CHECK(says(run, "What limits: slots."));
    CHECK(says(run, "tpot < 500 ms: up to "));
    const json::value all = json::parse(test::content_of(out / "capacity.json"));
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/capacity.schema.json")};
    CHECK(schema.error_in(all) == "");
    for (const auto& m : schema.without_each_required(all)) {
        CAPTURE(m.missing);
        CHECK_FALSE(schema.error_in(m.value).empty());
    }
    CHECK(all.at("low").at("load").to_number<double>() == 4);
    CHECK(all.at("high").at("load").to_number<double>() == 5);
    CHECK(all.at("limit").at("is").as_string() == "slots");
    CHECK(fs::exists(out / "steps" / "001" / "summary.json"));
}

TEST_CASE("capacity: not even one user, and a time that is over") {
    test::simulator sim{{"--step-base", "10ms"}};
    const auto none = test::run_lmstress(
        {"capacity", "--url", sim.url(), "--threshold", "ttft_ms.p50 < 1", "--duration", "500ms",
         "--max-tokens", "4", "--out", test::temporary_directory{}.path() / "out"});
    CAPTURE(none.output);
    CHECK(none.exit_code == 4);
    CHECK(says(none, "Capacity: less than 1 user"));
    const test::simulator broken{{"--fault", "500:1.0"}};
    const auto nothing = test::run_lmstress({"capacity", "--url", broken.url(), "--slo", "ttft<60s",
                                             "--duration", "500ms", "--max-tokens", "4", "--out",
                                             test::temporary_directory{}.path() / "out"});
    CAPTURE(nothing.output);
    CHECK(nothing.exit_code == 3);
    const test::temporary_directory directory;
    const auto late = test::run_lmstress({"capacity", "--url", sim.url(), "--slo", "ttft<60s",
                                          "--duration", "500ms", "--max-tokens", "4", "--max-time",
                                          "2s", "--out", directory.path() / "out"});
    CAPTURE(late.output);
    CHECK(late.exit_code == 6);
    CHECK(says(late, "The time was over (--max-time)"));
}

TEST_CASE("capacity: one that was interrupted goes on with the steps that it has") {
    test::simulator sim{{"--parallel", "4", "--step-base", "10ms", "--step-per-stream", "0",
                         "--prefill-per-token", "0"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    const std::vector<std::string> arguments = {
        "capacity", "--url",      sim.url(), "--slo",        "ttft<80ms", "--attainment",
        "0.9",      "--duration", "1500ms",  "--first",      "2",         "--most",
        "8",        "--warmup",   "100ms",   "--max-tokens", "20"};
    std::vector<std::string> command{LMSTRESS_BINARY};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--out", out});
    test::child_process first{command};
    first.wait_for_output("[run 3,");
    first.signal(SIGINT);
    CHECK(first.wait() == 130);
    CAPTURE(first.output());
    CHECK(first.output().find("--resume " + out.string() + " goes on") != std::string::npos);
    const auto before = fs::last_write_time(out / "steps" / "001" / "summary.json");
    std::vector<std::string> again = arguments;
    again.insert(again.end(), {"--resume", out});
    const auto second = test::run_lmstress(again);
    CAPTURE(second.output);
    CHECK((second.exit_code == 0 || second.exit_code == 6));
    CHECK(says(second, "2 of 2 runs are there already."));
    CHECK_FALSE(says(second, "[run 2,"));
    CHECK(says(second, "[run 3,"));
    CHECK(says(second, "Capacity: "));
    CHECK(fs::last_write_time(out / "steps" / "001" / "summary.json") == before);
    // What is left of a step that was damaged is no step.
    const fs::path requests = out / "steps" / "002" / "requests.jsonl";
    fs::resize_file(requests, fs::file_size(requests) / 2);
    const auto third = test::run_lmstress(again);
    CAPTURE(third.output);
    CHECK(says(third, "1 of "));
    CHECK(says(third, "steps/002 is not there, or not whole, any longer"));
    CHECK(says(third, "[run 2,"));
    std::vector<std::string> other = arguments;
    other.insert(other.end(), {"--seed", "7", "--resume", out});
    const auto refused = test::run_lmstress(other);
    CHECK(refused.exit_code == 2);
    CHECK(says(refused, "holds a capacity search of other settings, loads or requests"));
}

TEST_CASE("capacity: a server that goes away is no verdict on a load") {
    test::simulator sim{{"--step-base", "2ms"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    test::child_process search{{LMSTRESS_BINARY, "capacity", "--url", sim.url(), "--slo",
                                "ttft<60s", "--attainment", "0.9", "--first", "4", "--duration",
                                "2s", "--warmup", "50ms", "--max-tokens", "8", "--out", out}};
    search.wait_for_output("[run 2,");
    sim.stop();
    CHECK(search.wait() == 3);
    CAPTURE(search.output());
    CHECK(search.output().find("is gone: it accepts no connection any longer") !=
          std::string::npos);
    const json::value all = json::parse(test::content_of(out / "capacity.json"));
    CHECK(all.at("steps").as_array().size() == 1);
}

TEST_CASE("capacity: refused without an objective, and of what has no steps") {
    const auto none = test::run_lmstress({"capacity"});
    CHECK(none.exit_code == 2);
    CHECK(says(none, "the largest load at which an objective holds"));
    const auto requests = test::run_lmstress({"capacity", "--slo", "ttft<1s", "--requests", "10"});
    CHECK(requests.exit_code == 2);
    CHECK(says(requests, "Give --duration"));
    const auto count = test::run_lmstress({"capacity", "--threshold", "requests.completed >= 15"});
    CHECK(count.exit_code == 2);
    CHECK(says(count, "Ask for a share or a rate: stream_tokens_per_second.p50"));
}

TEST_CASE("capacity: interrupted while it waits for an idle server it says what it knows") {
    test::simulator sim{{"--step-base", "10ms", "--parallel", "4"}};
    const test::temporary_directory directory;
    const fs::path out = directory.path() / "out";
    test::child_process search{{LMSTRESS_BINARY, "capacity", "--url", sim.url(), "--slo",
                                "ttft<60s", "--duration", "2s", "--max-tokens", "8", "--out", out}};
    search.wait_for_output("[run 1,");
    // Somebody else keeps the server from being idle.
    test::child_process other{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--duration", "100s",
                               "--out", (directory.path() / "other").string()}};
    search.wait_for_output("the SLO is met by");
    search.signal(SIGINT);
    CHECK(search.wait() == 130);
    const std::string said = test::flowing(search.output());
    CAPTURE(said);
    CHECK(said.find("Capacity: not known; of 1 step none was decided. It was interrupted in run 2, "
                    "step 1.") != std::string::npos);
    const json::value all = json::parse(test::content_of(out / "capacity.json"));
    CHECK(all.at("exit_code").to_number<int>() == 130);
    CHECK(all.at("ended_early").as_string() == "It was interrupted in run 2, step 1.");
}

TEST_CASE("capacity: a server that others load is waited for no longer than --idle-timeout") {
    // Before every answer come twelve others, of 2 s and more each.
    test::simulator sim{{"--step-base", "5ms", "--parallel", "1"}};
    const test::temporary_directory directory;
    test::child_process other{{LMSTRESS_BINARY, "run", "--url", sim.url(), "--duration", "300s",
                               "--concurrency", "12", "--max-tokens", "400", "--out",
                               (directory.path() / "other").string()}};
    other.wait_for_output("level 1: 12 streams");
    for (const char* api : {"lmstudio", "openai-chat"}) {
        CAPTURE(std::string{api});
        test::child_process search{{LMSTRESS_BINARY, "capacity", "--url", sim.url(), "--api", api,
                                    "--slo", "ttft<60s", "--duration", "1s", "--max-tokens", "8",
                                    "--idle-timeout", "500ms", "--out",
                                    (directory.path() / api).string()}};
        const auto begin = std::chrono::steady_clock::now();
        search.wait_for_output("[run 1,");
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
        CHECK(search.output().find("the server is not idle after 0.5 s (--idle-timeout)") !=
              std::string::npos);
        search.signal(SIGINT);
        search.signal(SIGINT);
        search.wait();
    }
}

TEST_CASE("capacity: what says how large the load is is refused") {
    for (const auto& load : std::vector<std::vector<std::string>>{
             {"--concurrency", "4"}, {"--rate", "3"}, {"--rate-steps", "1:5s,2:5s"}}) {
        CAPTURE(load.front());
        const auto run = test::run_lmstress({"capacity", "--slo", "ttft<1s", load[0], load[1]});
        CHECK(run.exit_code == 2);
        CHECK(says(run, load[0] + " says how large the load is, which is looked for"));
    }
}
