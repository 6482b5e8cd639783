#include "dashboard/measuring_turn.hpp"

#include "support/child_process.hpp"

#include <doctest/doctest.h>

using lmstress::dashboard::measuring_turn;

TEST_CASE("dashboard: of several on one history one has the turn to measure") {
    const test::temporary_directory here;
    const test::temporary_directory elsewhere;
    auto first = measuring_turn::take(here.path());
    REQUIRE(first != nullptr);
    CHECK(measuring_turn::take(here.path()) == nullptr);
    CHECK(measuring_turn::take(elsewhere.path()) != nullptr);
    first.reset();
    const auto second = measuring_turn::take(here.path());
    CHECK(second != nullptr);
    CHECK(measuring_turn::take(here.path()) == nullptr);
    CHECK(std::filesystem::is_empty(here.path()));
    // Where nothing can be locked nobody is kept from measuring.
    CHECK(measuring_turn::take(here.path() / "none") != nullptr);
}
