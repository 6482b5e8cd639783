#include "wire/short_number.hpp"

#include <doctest/doctest.h>

using lmstress::wire::short_number;

TEST_CASE("short_number: three digits, and none lost before the point") {
    CHECK(short_number(0) == "0");
    CHECK(short_number(0.16) == "0.16");
    CHECK(short_number(12.345) == "12.3");
    CHECK(short_number(999.4) == "999");
    CHECK(short_number(999.6) == "1000");
    CHECK(short_number(14321.7) == "14322");
    CHECK(short_number(-1432) == "-1432");
}
