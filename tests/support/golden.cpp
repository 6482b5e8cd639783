#include "support/golden.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string_view>

namespace test {

void check_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string{TEST_GOLDEN "/"} + name;
    const char* update = std::getenv("UPDATE_GOLDEN");
    if (update != nullptr && std::string_view{update} == "1") {
        std::ofstream{path, std::ios::binary} << text;
        return;
    }
    std::ifstream file{path, std::ios::binary};
    REQUIRE_MESSAGE(file.good(), "missing, write it with UPDATE_GOLDEN=1: ", path);
    const std::string expected{std::istreambuf_iterator<char>{file}, {}};
    CHECK_MESSAGE(text == expected, path, "\n", text);
}

}  // namespace test
