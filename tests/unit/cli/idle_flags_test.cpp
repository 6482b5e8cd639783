#include "cli/idle_flags.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace lmstress;

TEST_CASE("idle flags: a flag without effect is refused, and what a file says is let be") {
    constexpr std::array<std::string_view, 2> idle = {"/load/concurrency", "/load/rate"};
    cli::settings s;
    const auto refused = [&] { return cli::refuse_idle_flags(s, idle, "has no effect.", "Why?"); };
    CHECK(refused().has_value());
    s.about.origins["/load/concurrency"] = "team.jsonc";
    s.about.origins["/load/duration"] = "--duration";
    CHECK(refused().has_value());
    s.about.origins["/load/rate"] = "--rate";
    const auto error = refused();
    REQUIRE(error.has_error());
    CHECK(error.error().code == errc::usage);
    CHECK(error.error().message == "--rate has no effect.");
}
