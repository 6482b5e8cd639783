#include "wire/fnv1a.hpp"

#include <doctest/doctest.h>

namespace lmstress::wire {

// The values of the algorithm's authors: https://www.isthe.com/chongo/tech/comp/fnv/
TEST_CASE("FNV-1a: as published, whole and in pieces") {
    CHECK(fnv1a("") == 0xCBF2'9CE4'8422'2325ULL);
    CHECK(fnv1a("a") == 0xAF63'DC4C'8601'EC8CULL);
    CHECK(fnv1a("foobar") == 0x8594'4171'F739'67E8ULL);
    CHECK(fnv1a("bar", fnv1a("foo")) == fnv1a("foobar"));
}

}  // namespace lmstress::wire
