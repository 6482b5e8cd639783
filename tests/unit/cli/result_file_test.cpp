#include "cli/result_file.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;
using lmstress::cli::is_of_a_result;

TEST_CASE("result file: what a run, a cell or a search has written, and what it might have") {
    const test::temporary_directory here;
    const fs::path cell = here.path() / "cells" / "001";
    fs::create_directories(cell);
    std::ofstream{cell / "run.jsonl"} << "{}\n";
    std::ofstream{here.path() / "sweep.json"} << "{}\n";
    CHECK(is_of_a_result(cell / "run.jsonl"));
    CHECK(is_of_a_result(cell / "requests.jsonl"));
    CHECK(is_of_a_result(cell / "summary.json"));
    CHECK(is_of_a_result(cell / "junit.xml"));
    CHECK(is_of_a_result(here.path() / "sweep.json"));
    CHECK(is_of_a_result(here.path() / "cells" / ".." / "sweep.json"));
    CHECK_FALSE(is_of_a_result(cell / "report.html"));
    CHECK_FALSE(is_of_a_result(here.path() / "cells" / "summary.json"));
    fs::create_directory_symlink(cell, here.path() / "link");
    CHECK(is_of_a_result(here.path() / "link" / "requests.jsonl"));
}

TEST_CASE("result file: a name alone makes none") {
    const test::temporary_directory here;
    CHECK_FALSE(is_of_a_result(here.path() / "summary.json"));
    std::ofstream{here.path() / "notes.txt"} << "x";
    CHECK_FALSE(is_of_a_result(here.path() / "server.log"));
}
