#include "cli/progress_writer.hpp"

#include "cli/metrics_port.hpp"
#include "support/child_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

using namespace lmstress;
namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

measure::live_snapshot at(nanoseconds taken, std::uint64_t events) {
    measure::live_snapshot s{.taken = taken};
    s.plan.level = 2;
    s.plan.levels = 3;
    s.plan.streams = 8;
    s.plan.begin = seconds{10};
    s.plan.window_begin = seconds{12};
    s.plan.window_end = seconds{30};
    s.in_flight = 8;
    s.token_events = events;
    return s;
}

double number(const json::value& v) {
    return v.to_number<double>();
}

}  // namespace

TEST_CASE("progress: a line says where the run is, and how fast since the last one") {
    auto first = at(seconds{11}, 100);
    auto line = json::parse(cli::progress_line("k", first, {}));
    CHECK(line.at("event") == "progress");
    CHECK(line.at("phase") == "warmup");
    CHECK(line.at("tokens_per_second").is_null());
    CHECK(line.at("ttft_p50_ms").is_null());
    auto second = at(seconds{13}, 300);
    second.measured_ttft = measure::live_quantiles{milliseconds{150}, milliseconds{400}};
    line = json::parse(cli::progress_line("k", second, first));
    CHECK(line.at("phase") == "measured");
    CHECK(number(line.at("tokens_per_second")) == 100);
    CHECK(line.at("tokens_are_events") == true);
    CHECK(number(line.at("level_seconds")) == 3);
    CHECK(number(line.at("left_seconds")) == 17);
    CHECK(number(line.at("ttft_p95_ms")) == 400);
    CHECK(line.at("streams") == 8);
    second.tokens_per_event = 1.5;
    second.plan.rate = 2.5;
    second.plan.at = measure::live_plan::stage::draining;
    second.plan.drain_end = seconds{14};
    line = json::parse(cli::progress_line("k", second, first));
    CHECK(number(line.at("tokens_per_second")) == 150);
    CHECK(line.at("tokens_are_events") == false);
    CHECK(line.at("streams").is_null());
    CHECK(number(line.at("rate")) == 2.5);
    CHECK(line.at("stage") == "draining");
    CHECK(number(line.at("left_seconds")) == 1);
}

TEST_CASE("progress: a line a second, from when there is something to be seen") {
    const test::temporary_directory directory;
    const auto file = directory.path() / "progress.jsonl";
    cli::progress_writer writer;
    REQUIRE(writer.write_to(file.string()).has_value());
    run_setup setup;
    setup.id = "k";
    writer.begin(setup, "/out", "model", 1);
    measure::live_counters counters;
    CHECK(writer.look(counters, milliseconds{0}) == milliseconds{200});
    counters.begin_level(at(seconds{0}, 0).plan);
    CHECK(writer.look(counters, milliseconds{100}) == milliseconds{200});
    CHECK(writer.look(counters, milliseconds{200}) == milliseconds{1200});
    CHECK(writer.look(counters, milliseconds{900}) == milliseconds{1200});
    writer.look(counters, milliseconds{1200});
    writer.end(setup, 0, 7);
    const auto lines = test::lines_of(file);
    REQUIRE(lines.size() == 4);
    CHECK(json::parse(lines[0]).at("event") == "begin");
    CHECK(number(json::parse(lines[2]).at("at_seconds")) == 1.2);
    CHECK(json::parse(lines[3]).at("id") == 7);
    cli::progress_writer none;
    CHECK_FALSE(none.write_to("/proc/nowhere/x").has_value());
    CHECK_FALSE(none.is_read());
}

TEST_CASE("progress: a record for whoever looks, for as long as the run goes on") {
    const test::temporary_directory directory;
    const auto folder = directory.path() / "history.db.live";
    const auto file = folder / "0123456789.jsonl";
    {
        auto record = cli::live_record::open(folder, "0123456789");
        REQUIRE(record.has_value());
        // A second one of that name would be another run's.
        CHECK_FALSE(cli::live_record::open(folder, "0123456789").has_value());
        cli::progress_writer writer;
        writer.write_to(*std::move(record));
        CHECK(writer.is_read());
        run_setup setup;
        setup.id = "0123456789";
        writer.begin(setup, "results", "m", 2);
        const auto lines = test::lines_of(file);
        REQUIRE(lines.size() == 1);
        // Whoever looks is elsewhere.
        CHECK(std::string_view{json::parse(lines[0]).at("directory").as_string()}.starts_with("/"));
        const int other = open(file.c_str(), O_RDONLY | O_CLOEXEC);
        REQUIRE(other >= 0);
        CHECK(flock(other, LOCK_SH | LOCK_NB) != 0);
        close(other);
    }
    CHECK_FALSE(std::filesystem::exists(folder));
}

TEST_CASE("progress: a reader that does not read, or is gone, keeps nobody waiting") {
    const test::temporary_directory directory;
    const auto file = directory.path() / "pipe";
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    const int reader = open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    cli::progress_writer writer;
    REQUIRE(writer.write_to(file.string()).has_value());
    measure::live_counters counters;
    counters.begin_level(at(seconds{0}, 0).plan);
    // Far more than a pipe holds.
    for (int i = 1; i <= 2000; ++i) writer.look(counters, seconds{i});
    std::string first(65'536, '\0');
    const ssize_t n = read(reader, first.data(), first.size());
    REQUIRE(n > 0);
    first.resize(static_cast<std::size_t>(n));
    CHECK(first.ends_with("}\n"));
    // As main() has it: the error of the write is enough.
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    close(reader);
    for (int i = 2001; i <= 2010; ++i) writer.look(counters, seconds{i});
    std::signal(SIGPIPE, before);
}

TEST_CASE("live metrics: what there is of a run, and nothing where there is nothing") {
    const cli::metrics_port::about what{"k\"1", "m", {}};
    const std::string none = cli::live_metrics(what, {});
    CHECK(none.find("lmstress_run_info{run_id=\"k\\\"1\",model=\"m\",version=") != none.npos);
    CHECK(none.find("lmstress_run_level") == none.npos);
    auto s = at(seconds{13}, 300);
    s.errors = 2;
    s.measured_ttft = measure::live_quantiles{milliseconds{150}, milliseconds{400}};
    const std::string all = cli::live_metrics(what, s);
    for (const char* line :
         {"lmstress_run_elapsed_seconds 13\n", "lmstress_run_streams 8\n",
          "lmstress_run_token_events_total 300\n", "lmstress_run_errors_total 2\n",
          "lmstress_run_ttft_p95_seconds 0.4\n"}) {
        CAPTURE(line);
        CHECK(all.find(line) != all.npos);
    }
}
