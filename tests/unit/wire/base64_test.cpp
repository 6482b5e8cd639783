#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string_view>

using lmstress::wire::base64;
using lmstress::wire::base64_decoded;
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

TEST_CASE("base64: what was encoded is read back, and nothing else is read") {
    for (const auto bytes : {""sv, "f"sv, "fo"sv, "foo"sv, "user:p\x00ss"sv, "\xFF\xFE\xFD"sv}) {
        CHECK(base64_decoded(base64(bytes)) == bytes);
    }
    for (const auto text : {"Zg="sv, "Zg"sv, "Z==="sv, "Zm9v\n"sv, "Zm 9"sv, "Zm=v"sv}) {
        CAPTURE(text);
        CHECK_FALSE(base64_decoded(text));
    }
}
