#include "cli/hide_arguments.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

/// The words of a command line after they were hidden.
std::string shown(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    lmstress::cli::hide_arguments(arguments);
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
    return out;
}

}  // namespace

TEST_CASE("hide_arguments: values that may be secret become stars, the rest stays") {
    CHECK(shown({"lmstress", "run", "--api-token", "sk-1", "--model", "m"}) ==
          "lmstress run --api-token **** --model m");
    CHECK(shown({"run", "--api-token=sk-1", "--header", "K: v", "--header=K: v"}) ==
          "run --api-token=**** --header **** --header=****");
    CHECK(shown({"run", "--set", "a=b", "--extra", "--x", "--url", "http://h"}) ==
          "run --set *** --extra *** --url http://h");
    CHECK(shown({"run", "--anything", R"({"a":1})", R"(--other=[1])"}) ==
          "run --anything ******* --other=***");
    CHECK(shown({"run", "--api-token-file", "f", "--api-token"}) ==
          "run --api-token-file f --api-token");
    CHECK(shown({"run", "--api-token="}) == "run --api-token=");
}
