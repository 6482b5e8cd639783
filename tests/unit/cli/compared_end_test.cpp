#include "cli/compared_end.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

/// Ended by the user, of two rounds into "results/c".
cli::measured_sides interrupted() {
    cli::measured_sides m{.sides = {cli::compared_side{"A", {}}, cli::compared_side{"B", {}}},
                          .exit_code = 130,
                          .directory = "results/c",
                          .turns = 8};
    return m;
}

}  // namespace

TEST_CASE("compare end: a first turn that was broken off is kept, and can be looked at") {
    auto m = interrupted();
    m.first_results = {"", "results/c/B/01"};
    const error e = cli::nothing_to_compare(m);
    CHECK(e.message ==
          "interrupted in turn 1 of 8: A has 0 runs, B has 0 runs, so there is nothing to compare");
    CHECK(e.advice ==
          "What was measured is in results/c: lmstress report results/c/B/01 shows it; the same "
          "command measures both sides from the beginning, into another directory if --out names "
          "it.");
}

TEST_CASE("compare end: where each side has something, that can be compared") {
    auto m = interrupted();
    m.exit_code = 3;
    m.sides[0].runs.emplace_back();
    m.first_results = {"results/c/A/01", "results/c/B/01"};
    const error e = cli::nothing_to_compare(m);
    CHECK(e.message.starts_with("ended for want of a result in turn 2 of 8: A has 1 run, "));
    CHECK(
        e.advice.starts_with("What was measured is in results/c: lmstress compare results/c/A/01 "
                             "results/c/B/01 compares what there is; "));
}

TEST_CASE("compare end: before the first turn nothing was measured") {
    auto m = interrupted();
    m.directory.clear();
    CHECK(cli::nothing_to_compare(m).advice ==
          "Nothing was measured; the same command measures both sides from the beginning.");
    // One that had all its turns was not ended.
    m.turns = 0;
    CHECK(cli::ended_early(m).empty());
}
