#include "cli/left_out.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

using namespace lmstress;

TEST_CASE("left out: a run that measured nothing, or did not come to its end") {
    for (const int code : {0, 4, 5, 6}) {
        CAPTURE(code);
        CHECK_FALSE(cli::left_out("x", code).has_value());
    }
    for (const int code : {1, 2, 3, 130}) {
        const auto run = cli::left_out("x", code);
        REQUIRE(run.has_value());
        CHECK(run->exit_code == code);
        CHECK(run->why != "");
    }
    CHECK(cli::left_out("x", std::nullopt)->exit_code == 4);
}

TEST_CASE("left out: what nothing in the results tells stays beside them") {
    const test::temporary_directory here;
    CHECK_FALSE(cli::noted_left_out(here.path()).has_value());
    const cli::left_out_run run{here.path().string(), "the server is gone", 3};
    REQUIRE(cli::note_left_out(run).has_value());
    const auto noted = cli::noted_left_out(here.path());
    REQUIRE(noted.has_value());
    CHECK(noted->why == run.why);
    CHECK(noted->exit_code == 3);
}
