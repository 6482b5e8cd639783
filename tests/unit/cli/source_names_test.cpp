#include "cli/source_names.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace lmstress;
namespace fs = std::filesystem;
using names = std::vector<std::string>;

TEST_CASE("source names: the last part, and as many as tell them apart") {
    CHECK(cli::source_names({"results/run1/", "results/run2"}).value() == names{"run1", "run2"});
    CHECK(cli::source_names({"a/same", "b/same", "c"}).value() == names{"a/same", "b/same", "c"});
    CHECK(cli::source_names({"x/a/same", "y/a/same"}).value() == names{"x/a/same", "y/a/same"});
    CHECK(cli::source_names({"same", "a/same"}).value().at(1) == "a/same");
}

TEST_CASE("source names: a directory that stands there twice is refused, by whatever name") {
    CHECK_FALSE(cli::source_names({"a/same", "a/same"}).has_value());
    CHECK_FALSE(cli::source_names({"a/same", "a/other/../same/"}).has_value());
    const test::temporary_directory here;
    fs::create_directory(here.path() / "run1");
    fs::create_directory_symlink(here.path() / "run1", here.path() / "link");
    const auto twice =
        cli::source_names({(here.path() / "run1").string(), (here.path() / "link").string()});
    REQUIRE_FALSE(twice.has_value());
    CHECK(twice.error().message.find("stands there twice") != std::string::npos);
}
