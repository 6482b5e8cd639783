// Runs whose client is held up come out INVALID, honest ones do not: processes, sockets, signals.

#include "support/child_process.hpp"
#include "support/disturbance.hpp"
#include "support/sanitized.hpp"
#include "support/stall_watch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

/// Steps of 20 ms whatever the batch.
const std::vector<std::string> server = {
    "--parallel",        "256", "--context-length",    "1000000", "--step-base",     "20ms",
    "--step-per-stream", "0",   "--prefill-per-token", "5us",     "--prefill-chunk", "100000"};

std::vector<std::string> load_of(const test::simulator& sim, const std::string& out,
                                 const std::string& streams) {
    return {LMSTRESS_BINARY,
            "run",
            "--url",
            sim.url(),
            "--api",
            "lmstudio",
            "--concurrency",
            streams,
            "--warmup",
            "500ms",
            "--max-tokens",
            "50",
            "--duration",
            "4s",
            "--quiet",
            "--max-read-lag",
            "1ms",
            "--max-event-loop-lag",
            "5ms",
            "--max-client-cpu",
            "85",
            "--out",
            out};
}

json::value validity_of(const std::string& out) {
    return json::parse(test::content_of(out + "/summary.json")).at("validity");
}

double value_of(const json::value& validity, const char* bound) {
    return validity.at("bounds").at(bound).at("value").to_number<double>();
}

bool holds(const json::value& validity, const char* bound) {
    return validity.at("bounds").at(bound).at("holds").as_bool();
}

void check_invalid(int exit_code, const std::string& output, const json::value& validity) {
    CHECK(exit_code == 5);
    CHECK(validity.at("valid").as_bool() == false);
    CHECK(validity.at("reasons").as_array().size() > 0);
    const std::string headline = output.substr(0, output.find('\n'));
    CHECK(headline.ends_with(": INVALID"));
}

}  // namespace

TEST_CASE("validity: a client that is stopped for 200 ms of each second is found out") {
    test::simulator sim{server};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    test::child_process run{load_of(sim, out, "16")};
    const test::stopper held{run.id(), 1s, 200ms};
    const int code = run.wait();
    CAPTURE(run.output());
    const json::value v = validity_of(out);
    check_invalid(code, run.output(), v);
    // The kernel's times stand, and tell on the client: by its reads and by its timer.
    CHECK(v.at("clock_of_events").at("user").to_number<int>() == 0);
    CHECK_FALSE(holds(v, "read_lag_p99_ms"));
    CHECK_FALSE(holds(v, "event_loop_lag_p99_ms"));
    CHECK(value_of(v, "event_loop_lag_p99_ms") > 100);
    CHECK(run.output().find("in the kernel before they were read") != std::string::npos);
}

TEST_CASE("validity: without kernel times the same client is found out by its event loop") {
    test::simulator sim{server};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    std::vector<std::string> command = load_of(sim, out, "16");
    command.emplace_back("--user-clock");
    test::child_process run{command};
    const test::stopper held{run.id(), 1s, 200ms};
    const int code = run.wait();
    CAPTURE(run.output());
    const json::value v = validity_of(out);
    check_invalid(code, run.output(), v);
    CHECK(v.at("clock_of_events").at("kernel").to_number<int>() == 0);
    CHECK(v.at("clock_of_events").at("user").to_number<int>() > 100);
    CHECK(v.at("read_lag_ms").is_null());
    CHECK_FALSE(holds(v, "event_loop_lag_p99_ms"));
    const json::value scenario =
        json::parse(test::content_of(out + "/summary.json")).at("scenario");
    CHECK(scenario.at("target").at("kernel_times").as_bool() == false);
    // A report of the journal says the same.
    const std::string written = test::content_of(out + "/summary.json");
    CHECK(test::run_lmstress({"report", out}).exit_code == 0);
    CHECK(test::content_of(out + "/summary.json") == written);
}

TEST_CASE("validity: a client that shares its core with a busy loop is found out") {
    test::simulator sim{server};
    const test::temporary_directory directory;
    const std::string out = directory.path() / "out";
    constexpr int core = 0;
    const test::busy_process busy{core};
    test::child_process run{load_of(sim, out, "256")};
    test::pin(run.id(), core);
    const int code = run.wait();
    CAPTURE(run.output());
    check_invalid(code, run.output(), validity_of(out));
}

// The built-in server sends the tokens of all streams at once, so the last of 256 is read when 255
// were: some milliseconds on a slow machine, which is why the gaps are long here.
TEST_CASE("validity: 20 honest runs at 256 streams are valid") {
    test::simulator sim{{"--parallel", "256", "--context-length", "1000000", "--step-base", "300ms",
                         "--step-per-stream", "0", "--prefill-per-token", "5us", "--prefill-chunk",
                         "100000"}};
    double read_lag = 0;
    double loop_lag = 0;
    double cpu = 0;
    int valid = 0;
    int honest = 0;
    int disturbed = 0;
    // Under sanitizers the client is some times as slow, which is what the bounds are there for:
    // there it is only looked at.
    constexpr int runs = test::sanitized ? 2 : 20;
    // Where the machine stood still meanwhile, the client was held up, and a result may say so:
    // that is no honest run, whatever it says.
    constexpr auto still = 20ms;
    while (honest < runs && honest + disturbed < 2 * runs) {
        const test::temporary_directory directory;
        const std::string out = directory.path() / "out";
        lmstress::test::stall_watch machine;
        const auto run = test::run_lmstress({"run",      "--url",
                                             sim.url(),  "--api",
                                             "lmstudio", "--concurrency",
                                             "256",      "--warmup",
                                             "700ms",    "--duration",
                                             "3s",       "--max-tokens",
                                             "4",        "--max-read-lag",
                                             "1ms",      "--max-event-loop-lag",
                                             "5ms",      "--max-client-cpu",
                                             "85",       "--out",
                                             out});
        CAPTURE(run.output);
        CHECK((run.exit_code == 0 || run.exit_code == 5));
        if (machine.ended() > still && !test::sanitized) {
            ++disturbed;
            continue;
        }
        ++honest;
        valid += run.exit_code == 0;
        const json::value v = validity_of(out);
        read_lag = std::max(read_lag, value_of(v, "read_lag_p99_ms"));
        loop_lag = std::max(loop_lag, value_of(v, "event_loop_lag_p99_ms"));
        cpu = std::max(cpu, value_of(v, "client_cpu_share"));
    }
    MESSAGE(valid, " of ", honest, " valid, ", disturbed,
            " in which the machine stood still; the worst: read lag p99 ", read_lag,
            " ms, event loop lag p99 ", loop_lag, " ms, CPU ", 100 * cpu, " %");
    // Of a machine that stands still in most runs nothing is learnt.
    REQUIRE(honest >= runs / 2);
    // Two for what no such watch sees.
    if (!test::sanitized) CHECK(honest - valid <= 2);
}
