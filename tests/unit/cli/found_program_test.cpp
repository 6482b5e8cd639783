#include "cli/found_program.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace lmstress;

TEST_CASE("found program: a path, or a name in PATH, that can be run") {
    const test::temporary_directory at;
    const std::filesystem::path program = at.path() / "a server";
    std::ofstream{program} << "#!/bin/sh\n";
    const std::string command = '"' + program.string() + "\" --port {port}";
    // It is there, but not one to be run.
    CHECK(cli::find_program(command).error().message.ends_with(": it is no program"));
    CHECK(cli::find_program(at.path().string()).has_error());  // a directory
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    CHECK(cli::find_program(command).has_value());
    CHECK(cli::find_program("sh -c true").has_value());
    CHECK(cli::find_program("").has_value());
}

TEST_CASE("found program: one that is not there is a matter of usage") {
    const auto none = cli::find_program("/no/such/server --parallel {parallel}");
    REQUIRE(none.has_error());
    CHECK(none.error().code == errc::usage);
    CHECK(none.error().message ==
          "--server-command cannot start /no/such/server: there is no such program");
    CHECK(cli::find_program("no-such-server-anywhere --port {port}").has_error());
    // A setting of the sweep may be what names it.
    CHECK(cli::find_program("{model} --port {port}").has_value());
}
