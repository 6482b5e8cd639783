#include "cli/exit_code.hpp"

#include "lmstress/error.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using cli::exit_code_of_run;

namespace {

run_summary run(const request_counts& counts) {
    level_summary level;
    level.requests = counts;
    run_summary r;
    r.levels = {level};
    return r;
}

const run_summary fine = run({.offered = 100, .completed = 100});
const run_summary many_failed = run({.offered = 100, .completed = 50, .failed = 50});
const run_summary none_completed = run({.offered = 10, .failed = 10});
const run_summary does_not_add_up = run({.offered = 100, .completed = 99});

}  // namespace

TEST_CASE("exit_code: 0 where nothing is wrong") {
    CHECK(exit_code_of_run(fine, {}, false) == 0);
}

TEST_CASE("exit_code: 3 where no request completed, or none was sent") {
    CHECK(exit_code_of_run(none_completed, {}, false) == 3);
    CHECK(exit_code_of_run(run({}), {}, false) == 3);
    CHECK(exit_code_of_run({}, {}, false) == 3);
}

TEST_CASE("exit_code: a rehearsal whose answers were all in memory is fine") {
    CHECK(exit_code_of_run(run({.from_cache = 5}), {}, false) == 0);
    CHECK(exit_code_of_run(run({.offered = 1, .failed = 1, .from_cache = 5}), {}, false) == 3);
}

TEST_CASE("exit_code: 4 where more than the allowed share failed or timed out") {
    CHECK(exit_code_of_run(many_failed, {}, false) == 4);
    CHECK(exit_code_of_run(run({.offered = 100, .completed = 95, .failed = 2, .timed_out = 3}), {},
                           false) == 0);
    CHECK(exit_code_of_run(run({.offered = 100, .completed = 94, .failed = 2, .timed_out = 4}), {},
                           false) == 4);
    CHECK(exit_code_of_run(many_failed, {.max_error_rate = 0.5}, false) == 0);
    CHECK(exit_code_of_run(run({.offered = 100, .completed = 99, .failed = 1}),
                           {.max_error_rate = 0}, false) == 4);
}

TEST_CASE("exit_code: requests that were cut are offered, but no errors") {
    CHECK(exit_code_of_run(run({.offered = 100, .completed = 10, .censored = 90}), {}, false) == 0);
}

TEST_CASE("exit_code: the share is of the whole run, not of a level") {
    run_summary r = many_failed;
    level_summary many;
    many.requests = {.offered = 10'000, .completed = 10'000};
    r.levels.push_back(many);
    CHECK(exit_code_of_run(r, {}, false) == 0);
}

TEST_CASE("exit_code: 5 where the run is not valid") {
    CHECK(exit_code_of_run(does_not_add_up, {}, false) == 5);
    run_summary overflowed = fine;
    overflowed.levels[0].histogram_overflow = 1;
    CHECK(exit_code_of_run(overflowed, {}, false) == 5);
}

TEST_CASE("exit_code: 130 where the user interrupted it") {
    CHECK(exit_code_of_run(fine, {}, true) == 130);
}

TEST_CASE("exit_code: of several the first of 130, 3, 5 and 4") {
    run_summary all = none_completed;
    all.levels[0].histogram_overflow = 1;
    CHECK(exit_code_of_run(all, {}, true) == 130);
    CHECK(exit_code_of_run(all, {}, false) == 3);
    run_summary given_up = many_failed;
    given_up.ended_early = "as many failed as allowed";
    CHECK(exit_code_of_run(given_up, {.max_error_rate = 1}, false) == 4);
    run_summary invalid_with_errors = many_failed;
    invalid_with_errors.levels[0].histogram_overflow = 1;
    CHECK(exit_code_of_run(invalid_with_errors, {}, false) == 5);
}

TEST_CASE("exit_code: errors that stop the program have theirs") {
    CHECK(exit_code_of(errc::usage) == 2);
    CHECK(exit_code_of(errc::bad_file) == 2);
    CHECK(exit_code_of(errc::too_many_files) == 2);
    CHECK(exit_code_of(errc::unreachable) == 3);
    CHECK(exit_code_of(errc::unauthorized) == 3);
    CHECK(exit_code_of(errc::model_not_there) == 3);
    CHECK(exit_code_of(errc::not_understood) == 3);
    CHECK(exit_code_of(errc::output) == 1);
    CHECK(exit_code_of(errc::internal) == 1);
}
