#include "support/promtool.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace test {

std::string promtool_objections(const std::string& metrics) {
    child_process there{{"sh", "-c", "command -v promtool"}};
    if (there.wait() != 0) {
        const char* required = std::getenv("LMSTRESS_REQUIRE_NPM");
        REQUIRE_MESSAGE((required == nullptr || *required == '\0'),
                        "promtool is wanted here: tools/setup ci");
        MESSAGE("skipped: there is no promtool (package prometheus)");
        return {};
    }
    const temporary_directory directory;
    const std::filesystem::path file = directory.path() / "metrics";
    std::ofstream{file} << metrics;
    child_process judge{{"sh", "-c", "promtool check metrics < \"$0\"", file.string()}};
    const int code = judge.wait();
    return code == 0 ? "" : "promtool: " + judge.output();
}

}  // namespace test
