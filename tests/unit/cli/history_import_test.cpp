// What of many results comes into a history that takes them only for a while.

#include "cli/history_import.hpp"

#include "support/histories.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

using namespace lmstress;

TEST_CASE("history import: where it gives up it says what it has taken before, and that stays") {
    test::scratch_history here;
    for (const char* name : {"a", "b", "c", "d", "e"}) here.result_at(here.at("r") / name, name);
    here.by_hand(
        "CREATE TRIGGER full BEFORE INSERT ON runs WHEN (SELECT count(*) FROM runs) >= 2"
        " BEGIN SELECT RAISE(ABORT, 'it is full'); END");
    const auto done = cli::import_results(here.runs, std::vector{here.at("r").string()});
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message == "took 2 of 5 results; stopped at " +
                                      (here.at("r") / "e").string() + ": " + here.file.string() +
                                      ": it is full");
    CHECK(done.error().advice.starts_with("The 2 are in the history. "));
    CHECK(here.count() == 2);
}

TEST_CASE("history import: where nothing is taken it says nothing of what was taken before") {
    test::scratch_history here;
    for (const char* name : {"a", "b", "c"}) here.result_at(here.at("r") / name, name);
    const std::vector tops{here.at("r").string()};
    REQUIRE(cli::import_results(here.runs, tops).has_value());
    here.by_hand(
        "CREATE TRIGGER shut BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'it is shut'); END");
    const auto done = cli::import_results(here.runs, tops);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message.starts_with("took 0 of 3 results; stopped at "));
    CHECK(done.error().advice.starts_with(
        "Nothing was taken now; what was in the history before stays. "));
    CHECK(here.count() == 3);
}

TEST_CASE("history import: what cannot be read is left out, and counted") {
    test::scratch_history here;
    for (const char* name : {"a", "b"}) here.result_at(here.at("r") / name, name);
    std::ofstream{here.at("r") / "a" / "run.jsonl"} << "garbage\n";
    const auto done = cli::import_results(here.runs, std::vector{here.at("r").string()});
    REQUIRE(done.has_value());
    CHECK(done->added.size() == 1);
    CHECK(done->left_out == 1);
}

TEST_CASE("history import: several directories are one import") {
    test::scratch_history here;
    for (const char* name : {"a", "b", "c"}) here.result_at(here.at(name) / name, name);
    const auto done =
        cli::import_results(here.runs, std::vector{here.at("c").string(), here.at("a").string()});
    REQUIRE(done.has_value());
    CHECK(done->added == std::vector<std::int64_t>{1, 2});
    CHECK(here.row(1).run_id == "c");
    // Of a directory that is not there nothing is taken from the others either.
    const auto none = cli::import_results(
        here.runs, std::vector{here.at("b").string(), here.at("nowhere").string()});
    REQUIRE_FALSE(none.has_value());
    CHECK(here.count() == 2);
}
