#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string_view>

using lmstress::wire::base64;
using namespace std::string_view_literals;

TEST_CASE("base64: the vectors of RFC 4648, and bytes of all kinds") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\x00\xFF\xFE\x3E"sv) == "AP/+Pg==");
}
