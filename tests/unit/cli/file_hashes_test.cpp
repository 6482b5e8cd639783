#include "cli/file_hashes.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

using namespace lmstress;
using cli::hashes_of_files;

namespace {

std::string write(const std::filesystem::path& file, const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
    return file.string();
}

}  // namespace

TEST_CASE("file hashes: equal bytes have equal ones, others others") {
    const test::temporary_directory here;
    const std::string large(200'000, 'x');  // more than is read at once
    scenario s;
    s.workload.prompts_file = write(here.path() / "a", large);
    s.workload.conversation.file = write(here.path() / "b", large);
    s.load.arrivals.trace_file = write(here.path() / "c", large.substr(1) + "y");
    const auto all = hashes_of_files(s);
    REQUIRE(all.size() == 3);
    CHECK(all[0].first == "/workload/prompts");
    CHECK(all[1].first == "/workload/conversations");
    CHECK(all[2].first == "/load/trace");
    CHECK(all[0].second.size() == 16);
    CHECK(all[0].second == all[1].second);
    CHECK(all[0].second != all[2].second);
}

TEST_CASE("file hashes: a file that is empty has one too, and each image its own") {
    const test::temporary_directory here;
    scenario s;
    s.workload.prompts_file = write(here.path() / "empty", "");
    s.workload.images = {write(here.path() / "1", "one"), write(here.path() / "2", "two")};
    const auto all = hashes_of_files(s);
    REQUIRE(all.size() == 3);
    CHECK(all[1].first == "/workload/images/0");
    CHECK(all[2].first == "/workload/images/1");
    CHECK(all[1].second != all[2].second);
}

TEST_CASE("file hashes: of a system prompt what was read of its file") {
    const test::temporary_directory here;
    scenario s;
    s.workload.system_prompt_file = (here.path() / "gone").string();
    s.workload.system_prompt_read = "Be brief.";
    const auto all = hashes_of_files(s);
    REQUIRE(all.size() == 1);
    CHECK(all[0].first == "/workload/system_prompt_file");
    s.workload.prompts_file = write(here.path() / "same", "Be brief.");
    CHECK(hashes_of_files(s).front().second == all[0].second);
}

TEST_CASE("file hashes: a pipe is not read a second time, and without files there are none") {
    const test::temporary_directory here;
    scenario s;
    CHECK(hashes_of_files(s).empty());
    s.workload.prompts_file = (here.path() / "pipe").string();
    REQUIRE(::mkfifo(s.workload.prompts_file.c_str(), 0600) == 0);
    CHECK(hashes_of_files(s).empty());
}
