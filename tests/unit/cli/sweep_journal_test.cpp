#include "cli/sweep_journal.hpp"

#include "cli/capacity_journal.hpp"
#include "cli/compared_sides.hpp"
#include "cli/sweep_outlook.hpp"
#include "store/run_json.hpp"
#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

sweep_plan two_by_two() {
    sweep_plan p{
        .variants = {{.parallel = 1}, {.parallel = 2}}, .loads = {"1x", "2x"}, .cells = {}};
    for (std::size_t v = 0; v < 2; ++v) {
        for (std::size_t load = 0; load < 2; ++load) p.cells.push_back({v, load, 0});
    }
    return p;
}

/// The journals of a run without a level.
void make_result(const std::filesystem::path& directory) {
    std::filesystem::create_directories(directory);
    run_setup setup;
    setup.id = "r";
    setup.scenario_json = "{}";
    std::ofstream{directory / "run.jsonl"} << store::run_line(setup) << store::run_end_line(0, "");
    std::ofstream{directory / "requests.jsonl"} << "";
    std::ofstream{directory / "summary.json"} << R"({"levels":[]})";
}

}  // namespace

TEST_CASE("sweep journal: what is finished is known again, and a line that was cut is not") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    {
        auto j = cli::sweep_journal::open(directory, plan, "{}", false).value();
        CHECK_FALSE(j.is_finished(plan.cells[0]));
        REQUIRE(j.mean_model("a/b").has_value());
        REQUIRE(j.add({plan.cells[0], "cells/001", 0}).has_value());
        REQUIRE(j.add({plan.cells[2], "cells/003", 4, true, {"the server says a is 1, not 2"}})
                    .has_value());
        CHECK(j.is_finished(plan.cells[2]));
        make_result(directory / "cells/001");
        make_result(directory / "cells/003");
    }
    std::ofstream{directory / "sweep.jsonl", std::ios::app} << R"({"event":"cell","vari)";
    {
        auto again = cli::sweep_journal::open(directory, plan, "{}", true).value();
        CHECK(again.model() == "a/b");
        // What came of the cells until then is not what comes of all of them.
        std::ofstream{directory / "sweep.json"} << "{}";
        REQUIRE(again.finished().size() == 2);
        CHECK(again.finished()[1].directory == "cells/003");
        CHECK(again.finished()[1].exit_code == 4);
        CHECK(again.finished()[1].server_busy);
        CHECK(again.finished()[1].not_as_asked ==
              std::vector<std::string>{"the server says a is 1, not 2"});
        CHECK(again.finished()[0].not_as_asked.empty());
        CHECK_FALSE(again.finished()[0].server_busy);
        CHECK(again.is_finished(plan.cells[0]));
        CHECK_FALSE(again.is_finished(plan.cells[1]));
        CHECK(std::filesystem::exists(directory / "sweep.json"));
        // The line that was cut is not the beginning of the next one.
        REQUIRE(again.add({plan.cells[1], "cells/002", 0}).has_value());
        CHECK_FALSE(std::filesystem::exists(directory / "sweep.json"));
        make_result(directory / "cells/002");
    }
    CHECK(cli::sweep_journal::open(directory, plan, "{}", true).value().finished().size() == 3);
}

TEST_CASE("sweep journal: a cell whose result is gone is not finished, until it is again") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    {
        auto j = cli::sweep_journal::open(directory, plan, "{}", false).value();
        for (std::size_t i = 0; i < 2; ++i) {
            const std::string below = "cells/00" + std::to_string(i + 1);
            REQUIRE(j.add({plan.cells[i], below, 0}).has_value());
            make_result(directory / below);
        }
    }
    std::filesystem::remove_all(directory / "cells/001");
    {
        auto j = cli::sweep_journal::open(directory, plan, "{}", true).value();
        REQUIRE(j.lost().size() == 1);
        CHECK(j.lost().front().cell == plan.cells[0]);
        CHECK_FALSE(j.is_finished(plan.cells[0]));
        CHECK(j.is_finished(plan.cells[1]));
        make_result(directory / "cells/001");
        REQUIRE(j.add({plan.cells[0], "cells/001", 0}).has_value());
    }
    const auto j = cli::sweep_journal::open(directory, plan, "{}", true).value();
    CHECK(j.lost().empty());
    CHECK(j.finished().size() == 2);
}

TEST_CASE("sweep journal: one that was killed in its first line begins anew") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    REQUIRE(cli::sweep_journal::open(directory, plan, "{}", false).has_value());
    std::filesystem::resize_file(directory / "sweep.jsonl", 20);
    {
        auto j = cli::sweep_journal::open(directory, plan, "{}", true).value();
        REQUIRE(j.add({plan.cells[0], "cells/001", 0}).has_value());
    }
    make_result(directory / "cells/001");
    CHECK(cli::sweep_journal::open(directory, plan, "{}", true).value().finished().size() == 1);
}

TEST_CASE("sweep journal: results whose journal tells of nothing are not written over") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    REQUIRE(cli::sweep_journal::open(directory, plan, "{}", false).has_value());
    make_result(directory / "cells/001");
    for (const std::uintmax_t left : {20U, 0U}) {
        CAPTURE(left);
        std::filesystem::resize_file(directory / "sweep.jsonl", left);
        const auto refused = cli::sweep_journal::open(directory, plan, "{}", true);
        REQUIRE(refused.has_error());
        CHECK(refused.error().code == errc::bad_file);
        CHECK(refused.error().message.ends_with(
            "holds results, and its sweep.jsonl, which tells what they are of, is empty or cut in "
            "its first line"));
    }
    CHECK(std::filesystem::exists(directory / "cells/001/run.jsonl"));
}

TEST_CASE("sweep journal: a cell whose result is damaged is lost, and measured again") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    {
        auto begun = cli::sweep_journal::open(directory, plan, "{}", false).value();
        REQUIRE(begun.add({plan.cells[0], "cells/001", 0}).has_value());
    }
    make_result(directory / "cells/001");
    CHECK(cli::sweep_journal::open(directory, plan, "{}", true).value().lost().empty());
    const auto notes = directory / "cells/001/run.jsonl";
    std::filesystem::resize_file(notes, std::filesystem::file_size(notes) - 4);
    const auto j = cli::sweep_journal::open(directory, plan, "{}", true).value();
    CHECK(j.finished().empty());
    REQUIRE(j.lost().size() == 1);
    CHECK(j.lost().front().cell == plan.cells[0]);
}

TEST_CASE("sweep journal: that the server was busy before a cell may be known only later") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    {
        auto j = cli::sweep_journal::open(directory, plan, "{}", false).value();
        for (std::size_t i = 0; i < 3; ++i) {
            const std::string below = "cells/00" + std::to_string(i + 1);
            REQUIRE(j.add({plan.cells[i], below, 0}).has_value());
            make_result(directory / below);
        }
        REQUIRE(j.were_busy(std::span{plan.cells}.first(2)).has_value());
    }
    const auto again = cli::sweep_journal::open(directory, plan, "{}", true).value();
    REQUIRE(again.finished().size() == 3);
    for (const auto& f : again.finished()) CHECK(f.server_busy == (f.cell.variant == 0));
}

TEST_CASE("capacity journal: that the server was busy before a run may be known only later") {
    const test::temporary_directory at;
    const auto directory = at.path() / "search";
    {
        auto j = cli::capacity_journal::open(directory, {}, false).value();
        for (int i = 1; i < 4; ++i) {
            REQUIRE(
                j.add({.load = 1.0 * i, .directory = "steps/00" + std::to_string(i)}).has_value());
        }
        REQUIRE(j.were_busy(1).has_value());
        REQUIRE(j.add({.load = 4, .directory = "steps/004"}).has_value());
    }
    const auto again = cli::capacity_journal::open(directory, {}, true).value();
    REQUIRE(again.pieces().size() == 4);
    CHECK_FALSE(again.pieces()[0].server_busy);
    CHECK(again.pieces()[1].server_busy);
    CHECK(again.pieces()[2].server_busy);
    CHECK_FALSE(again.pieces()[3].server_busy);
}

TEST_CASE("sweep journal: what was in force before the sweep is known again") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    {
        auto j = cli::sweep_journal::open(directory, two_by_two(), "{}", false).value();
        REQUIRE(j.keep("a/b", {{"context_length", 3000}}).has_value());
        REQUIRE(j.keep("c/d", {}).has_value());
    }
    const auto again = cli::sweep_journal::open(directory, two_by_two(), "{}", true).value();
    REQUIRE(again.kept().size() == 2);
    CHECK(again.kept().at("a/b").at("context_length").to_number<int>() == 3000);
    CHECK(again.kept().at("c/d").empty());
    CHECK(again.model().empty());
}

TEST_CASE("sweep journal: nobody goes on where another still measures") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    {
        const auto j = cli::sweep_journal::open(directory, two_by_two(), "{}", false).value();
        const auto beside = cli::sweep_journal::open(directory, two_by_two(), "{}", true);
        REQUIRE(beside.has_error());
        CHECK(beside.error().code == errc::usage);
        CHECK(beside.error().message.find("another process goes on with") != std::string::npos);
    }
    CHECK(cli::sweep_journal::open(directory, two_by_two(), "{}", true).has_value());
}

TEST_CASE("sweep outlook: what is left to do is what its times are of") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    const sweep_plan plan = two_by_two();
    scenario s;
    s.load.duration = 9s;
    s.load.warmup = 1s;
    auto j = cli::sweep_journal::open(directory, plan, "{}", false).value();
    const auto said = [&] { return cli::outlook(s, plan, cli::open_part(plan, j)); };
    CHECK(said() ==
          "4 cells: 2 settings of the server, 2 loads, 1 run of each; about 40 s of measuring, and "
          "2 times the server comes to a setting.");
    for (std::size_t i = 0; i < 3; ++i) REQUIRE(j.add({plan.cells[i], "cells/00x", 0}).has_value());
    CHECK(said() ==
          "4 cells: 2 settings of the server, 2 loads, 1 run of each; 1 left to do, about 10 s of "
          "measuring, and 1 time the server comes to a setting.");
    REQUIRE(j.add({plan.cells[3], "cells/00x", 0}).has_value());
    CHECK(said() ==
          "4 cells: 2 settings of the server, 2 loads, 1 run of each; all of them are there "
          "already.");
}

TEST_CASE(
    "capacity journal: its runs in their order, and what comes after one that is lost is cut") {
    const test::temporary_directory at;
    const auto directory = at.path() / "capacity";
    scenario s;
    {
        auto j = cli::capacity_journal::open(directory, s, false).value();
        REQUIRE(j.mean_model("a/b").has_value());
        REQUIRE(j.add({.load = 1, .directory = "steps/001", .took = 3s}).has_value());
        REQUIRE(j.add({.load = 2.5, .directory = "steps/002", .exit_code = 5, .server_busy = true})
                    .has_value());
        REQUIRE(j.add({.load = 5, .directory = "steps/003"}).has_value());
    }
    // More time makes no other search of it.
    s.capacity.max_time = 2h;
    {
        auto j = cli::capacity_journal::open(directory, s, true).value();
        CHECK(j.model() == "a/b");
        REQUIRE(j.pieces().size() == 3);
        CHECK(j.pieces()[0].took == 3s);
        CHECK(j.pieces()[1].load == 2.5);
        CHECK(j.pieces()[1].exit_code == 5);
        CHECK(j.pieces()[1].server_busy);
        CHECK_FALSE(j.pieces()[0].server_busy);
        REQUIRE(j.cut(1).has_value());
        REQUIRE(j.add({.load = 3, .directory = "steps/002"}).has_value());
    }
    const auto j = cli::capacity_journal::open(directory, s, true).value();
    CHECK(j.model() == "a/b");
    REQUIRE(j.pieces().size() == 2);
    CHECK(j.pieces()[1].load == 3);
    s.workload.seed = 7;
    CHECK(cli::capacity_journal::open(directory, s, true).error().code == errc::usage);
}

TEST_CASE("sweep journal: another sweep does not go on there, and none begins over it") {
    const test::temporary_directory at;
    const auto directory = at.path() / "sweep";
    sweep_plan plan = two_by_two();
    REQUIRE(cli::sweep_journal::open(directory, plan, "{}", false).has_value());
    CHECK(cli::sweep_journal::open(directory, plan, "{}", false).has_error());
    CHECK(cli::sweep_journal::open(directory, plan, R"({"a":1})", true).error().code ==
          errc::usage);
    plan.variants[1].parallel = 3;
    CHECK(cli::sweep_journal::open(directory, plan, "{}", true).error().code == errc::usage);
    CHECK(cli::sweep_journal::open(at.path() / "none", plan, "{}", true).error().code ==
          errc::bad_file);
}

TEST_CASE("compare: sides take turns, and each of them as often first as the seed has it") {
    const auto turns = cli::turns_of(100, 1);
    REQUIRE(turns.size() == 400);
    std::size_t a_first = 0;
    for (std::size_t i = 0; i < turns.size(); i += 4) {
        a_first += turns[i] == 0;
        CHECK(turns[i] == turns[i + 3]);
        CHECK(turns[i + 1] == turns[i + 2]);
        CHECK(turns[i] != turns[i + 1]);
    }
    CHECK(a_first > 30);
    CHECK(a_first < 70);
    CHECK(turns == cli::turns_of(100, 1));
    CHECK(turns != cli::turns_of(100, 2));
}

TEST_CASE("compare: a side is a result, a URL, a scenario or settings") {
    CHECK(cli::kind_of_side("/no/such/result") == cli::side_kind::stored);
    CHECK(cli::kind_of_side("http://127.0.0.1:8080") == cli::side_kind::measured);
    CHECK(cli::kind_of_side(PROJECT_DIRECTORY "/scenarios/chat.jsonc") == cli::side_kind::measured);
    CHECK(cli::kind_of_side("server.parallel=4") == cli::side_kind::measured);
    const auto o = cli::run_of_side("server.parallel=4,target.model=x", {}).value();
    REQUIRE(o.sets.size() == 2);
    CHECK(o.sets[0].pointer == "/server/parallel");
    CHECK(o.sets[0].json == "4");
    CHECK(o.sets[1].json == "\"x\"");
    CHECK(cli::run_of_side("server.parallel=4,x", {}).has_error());
    CHECK(cli::run_of_side("http://a:1", {})->flags.front().json == "\"http://a:1\"");
}
