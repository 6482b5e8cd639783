#include "wire/letters.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using lmstress::wire::nearest;

TEST_CASE("letters: the nearest name is the one that was meant") {
    constexpr std::array<std::string_view, 5> names = {"concurrency", "duration", "grace", "ttl",
                                                       "top_p"};
    CHECK(nearest("concurency", names) == "concurrency");
    CHECK(nearest("cocnurrency", names) == "concurrency");
    CHECK(nearest("Duration", names) == "duration");
    CHECK(nearest("durations", names) == "duration");
    CHECK(nearest("grcae", names) == "grace");
    CHECK(nearest("tll", names) == "ttl");
    CHECK(nearest("top_k", names) == "top_p");
    CHECK(nearest("dura", names) == "duration");
    CHECK(nearest("model", names).empty());
    CHECK(nearest("", names).empty());
    CHECK(nearest(std::string(100'000, 'x'), names).empty());
}
