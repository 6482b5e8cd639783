#include "cli/side_comparison.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

cli::compared_side side_of(std::uint64_t completed, std::uint64_t failed,
                           const char* scenario = "{}") {
    cli::stored_run run;
    run.setup.scenario_json = scenario;
    run.exit_code = 0;
    analyze::measured_level level;
    level.summary.setup = test::level_setup_of(0, 4);
    level.summary.requests = {
        .offered = completed + failed, .completed = completed, .failed = failed};
    run.levels.push_back(std::move(level));
    return {.name = "x", .runs = {std::move(run)}};
}

/// With bytes that lay in the kernel for as long as no run may have.
cli::compared_side held_up() {
    cli::compared_side side = side_of(60, 0);
    auto& client = side.runs.front().levels.front().summary.course.client.emplace();
    client.wall = std::chrono::seconds{10};
    client.read_lag.record(std::chrono::seconds{1}, 1000);
    return side;
}

/// Of 68 requests 51 failed.
cli::compared_side held_to(const char* threshold) {
    cli::compared_side side = side_of(17, 51);
    side.runs.front().setup.thresholds = {threshold};
    return side;
}

bool bewares(const report::comparison_report& r, const std::string& text) {
    for (const std::string& one : r.beware) {
        if (one.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("compare exit code: what the sides' own runs come to") {
    const auto good = side_of(60, 0);
    CHECK(cli::exit_code_of_sides(good, good) == 0);
    CHECK(cli::exit_code_of_sides(good, side_of(58, 2)) == 0);  // 3.3 % of them, and 5 % may
    CHECK(cli::exit_code_of_sides(good, side_of(17, 51)) == 4);
    CHECK(cli::exit_code_of_sides(good, side_of(0, 60)) == 3);
    CHECK(cli::exit_code_of_sides(side_of(0, 60), good) == 3);
    // Of the one that all is compared with nothing is asked.
    CHECK(cli::exit_code_of_sides(side_of(17, 51), good) == 0);
    CHECK(cli::exit_code_of_sides(held_up(), good) == 5);
    CHECK(cli::exit_code_of_sides(good, held_up()) == 5);
}

TEST_CASE("compare exit code: how many may fail is what the scenario says") {
    const auto good = side_of(60, 0);
    CHECK(cli::exit_code_of_sides(good, side_of(17, 51, R"({"limits":{"max_error_rate":0.8}})")) ==
          0);
    // Thresholds say themselves what failed.
    CHECK(cli::exit_code_of_sides(good, held_to("requests.failed < 60")) == 0);
}

TEST_CASE("compare exit code: the thresholds of B count, and those of A are named") {
    const auto good = side_of(60, 0);
    const auto failed = held_to("requests.failed < 50");
    const auto undecided = held_to("ttft_ms.p95 < 2000");  // of requests that have no TTFT
    CHECK(cli::exit_code_of_sides(good, failed) == 4);
    CHECK(cli::exit_code_of_sides(good, undecided) == 6);
    CHECK(cli::exit_code_of_sides(failed, good) == 0);
    CHECK(cli::exit_code_of_sides(undecided, good) == 0);
    CHECK(bewares(cli::compare_sides(failed, undecided, 1, {}),
                  "A: the threshold requests.failed < 50 failed"));
    CHECK(bewares(cli::compare_sides(failed, undecided, 1, {}),
                  "B: the threshold ttft_ms.p95 < 2000 is undecided"));
}

TEST_CASE("compare exit code: a run of B that was ended early") {
    const auto good = side_of(60, 0);
    auto ended = good;
    ended.runs.front().ended_early = "2 requests had failed.";
    CHECK(cli::exit_code_of_sides(good, ended) == 4);
    CHECK(cli::exit_code_of_sides(ended, good) == 0);
    CHECK(bewares(cli::compare_sides(ended, good, 1, {}), "A ended early: 2 requests had failed."));
}

TEST_CASE("compare exit code: a run of either side that was cut short is named, and gives no 0") {
    const auto good = side_of(60, 0);
    auto interrupted = good;
    interrupted.runs.front().exit_code = 130;
    auto killed = good;
    killed.runs.front().exit_code.reset();
    auto lost = good;
    lost.runs.front().lost_server = "the server is gone";
    CHECK(cli::exit_code_of_sides(good, interrupted) == 130);
    CHECK(cli::exit_code_of_sides(interrupted, good) == 130);
    CHECK(cli::exit_code_of_sides(good, killed) == 4);
    CHECK(cli::exit_code_of_sides(killed, good) == 4);
    CHECK(cli::exit_code_of_sides(lost, good) == 3);
    const auto r = cli::compare_sides(killed, interrupted, 1, {});
    CHECK(bewares(r, "A did not come to its end: The run did not come to its end"));
    CHECK(bewares(r, "B did not come to its end: The run was interrupted"));
    CHECK(r.any_cut_short);
    CHECK(bewares(cli::compare_sides(lost, good, 1, {}), "A was not measured: the server is gone"));
    CHECK_FALSE(cli::compare_sides(good, good, 1, {}).any_cut_short);
}

TEST_CASE("compare exit code: a run that is left out is named, and counts with what became of it") {
    const auto good = side_of(60, 0);
    auto less = good;
    less.left_out.push_back({"c/A/02", "it was interrupted", 130});
    CHECK(cli::exit_code_of_sides(less, good) == 130);
    less.left_out.front().exit_code = 3;
    CHECK(cli::exit_code_of_sides(good, less) == 3);
    CHECK(bewares(cli::compare_sides(good, less, 1, {}),
                  "B: c/A/02 was left out: it was interrupted"));
}

TEST_CASE("compare exit code: beware of runs that are not valid, and of requests that failed") {
    const auto r = cli::compare_sides(held_up(), side_of(17, 51), 1, {});
    CHECK(bewares(r, "A is INVALID: bytes lay "));
    CHECK(bewares(r,
                  "B: 51 of 68 requests failed or timed out, more than --max-error-rate allows; "
                  "latencies are of those that did not fail"));
    CHECK(r.any_invalid);
    const auto few = cli::compare_sides(side_of(60, 0), side_of(58, 2), 1, {});
    REQUIRE(few.beware.size() == 1);
    CHECK(few.beware.front() ==
          "B: 2 of 60 requests failed or timed out; latencies are of those that did not fail");
}
