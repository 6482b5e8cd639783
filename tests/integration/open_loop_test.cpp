// Open loops as a user meets them: processes, sockets, files.

#include "support/child_process.hpp"
#include "support/truth.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace json = boost::json;

namespace {

// A server that answers fast, for tests of anything but timing.
const std::vector<std::string> fast = {"--step-base",         "2ms", "--step-per-stream", "0",
                                       "--prefill-per-token", "5us"};

json::object summary_of(const std::filesystem::path& directory) {
    return json::parse(test::content_of(directory / "summary.json")).as_object();
}

}  // namespace

TEST_CASE("open loop: arrivals are sent as the seed has them, and report makes the same of it") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    std::vector<std::vector<std::int64_t>> intended;
    for (const char* name : {"once", "again"}) {
        const auto out = directory.path() / name;
        const auto run =
            test::run_lmstress({"run", "--url", sim.url(), "--rate", "40,80", "--requests", "40",
                                "--max-tokens", "4", "--out", out});
        CHECK(run.exit_code == 0);
        CHECK(run.output.find("open loop, poisson arrivals") != std::string::npos);
        const std::string written = test::content_of(out / "summary.json");
        const json::object summary = summary_of(out);
        REQUIRE(summary.at("levels").as_array().size() == 2);
        for (const json::value& level : summary.at("levels").as_array()) {
            const json::object& load = level.at("load").as_object();
            CHECK(load.at("kind").as_string() == "open");
            CHECK_FALSE(load.at("overload").as_bool());
            CHECK(level.at("requests").at("offered").to_number<int>() == 40);
            CHECK(level.at("requests").at("completed").to_number<int>() == 40);
            CHECK(load.at("littles_law_residual").to_number<double>() < 0.05);
            CHECK(level.at("metrics").at("send_lag_ms").at("count").to_number<int>() == 40);
        }
        std::vector<std::int64_t> times;
        std::int64_t first = -1;
        for (const auto& r : test::read_records(out)) {
            // The levels begin when they do; within one the schedule is the seed's.
            if (r.level != 0) continue;
            const auto at = r.moments.get(lmstress::moment::intended);
            REQUIRE(at);
            times.push_back(at->count());
        }
        std::sort(times.begin(), times.end());
        first = times.front();
        for (std::int64_t& t : times) t -= first;
        intended.push_back(times);

        std::filesystem::remove(out / "summary.json");
        CHECK(test::run_lmstress({"report", out}).exit_code == 0);
        CHECK(test::content_of(out / "summary.json") == written);
    }
    CHECK(intended[0] == intended[1]);
}

TEST_CASE("open loop: each published form of a trace is replayed") {
    test::simulator sim{fast};
    const test::temporary_directory directory;
    struct row {
        const char* file;
        const char* scale;
        int requests;
        std::uint64_t output;
    };
    for (const row& r :
         {row{"trace-azure.csv", "0.1", 12, 165}, row{"trace-mooncake.jsonl", "0.05", 6, 224},
          row{"trace-burstgpt.csv", "0.002", 5, 707}}) {
        CAPTURE(r.file);
        const auto out = directory.path() / r.file;
        const auto run = test::run_lmstress({"run", "--url", sim.url(), "--trace",
                                             std::string{PROJECT_DIRECTORY "/tests/data/"} + r.file,
                                             "--trace-scale", r.scale, "--out", out});
        CHECK(run.exit_code == 0);
        const json::object summary = summary_of(out);
        const json::value& level = summary.at("levels").as_array().at(0);
        CHECK(level.at("requests").at("completed").to_number<int>() == r.requests);
        CHECK(level.at("load").at("arrivals").as_string() == "trace");
        CHECK(level.at("tokens").at("output").to_number<std::uint64_t>() == r.output);
    }
}

TEST_CASE("open loop: what cannot be is one sentence and an exit code") {
    const test::temporary_directory directory;
    const auto bad = directory.path() / "bad.csv";
    std::ofstream{bad} << "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                          "2023-11-16 18:17:03.9799600,480,10\n"
                          "2023-11-16 18:17:04.0319600,many,8\n";
    const auto refused = [](std::vector<std::string> flags) {
        flags.insert(flags.begin(), "run");
        const auto run = test::run_lmstress(flags);
        CHECK(run.exit_code == 2);
        return run.output;
    };
    CHECK(refused({"--trace", bad}).find("bad.csv line 3 is no request of a trace: ") !=
          std::string::npos);
    CHECK(refused({"--trace", directory.path() / "none.csv"}).find("there is no such file") !=
          std::string::npos);
    CHECK(refused({"--rate", "2", "--concurrency", "4"}).find("exclude each other") !=
          std::string::npos);
    CHECK(refused({"--rate", "fast"}).find("--rate: ") != std::string::npos);
}

TEST_CASE("open loop: a server that is not there ends it, as it ends a closed one") {
    const test::temporary_directory directory;
    const auto run = test::run_lmstress(
        {"run", "--url", "http://127.0.0.1:9", "--rate", "50", "--out", directory.path() / "out"});
    CHECK(run.exit_code == 3);
}

TEST_CASE("open loop: --dry-run tells how many arrivals there would be") {
    const auto run = test::run_lmstress(
        {"run", "--rate", "2", "--arrivals", "constant", "--duration", "10s", "--dry-run"});
    CHECK(run.exit_code == 0);
    CHECK(run.output.find("open loop  2 requests/s, constant: 22 arrivals from 0.000 s to "
                          "10.500 s") != std::string::npos);
}
