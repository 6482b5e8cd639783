#include "cli/resumed_ground.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

server_settings confirmed(std::uint64_t parallel, bool unified_kv, std::uint64_t context_length) {
    server_settings out;
    out.parallel.confirmed = parallel;
    out.unified_kv.confirmed = unified_kv;
    out.context_length.confirmed = context_length;
    return out;
}

}  // namespace

TEST_CASE("resumed ground: what the server says otherwise, and nobody asked for, is refused") {
    const cli::resumed_ground then{.name = "steps/001", .server = confirmed(4, true, 8192)};
    CHECK(cli::check_server(then, confirmed(4, true, 8192)).has_value());
    const auto other = cli::check_server(then, confirmed(1, false, 8192));
    REQUIRE(other.has_error());
    CHECK(other.error().code == errc::usage);
    CHECK(other.error().message ==
          "the server is not the one that steps/001 was measured on: it had parallel 4, and now "
          "has 1; it had unified KV on, and now has off");
    server_settings asked = confirmed(1, true, 8192);
    asked.parallel.requested = 1;
    CHECK(cli::check_server(then, asked).has_value());
    CHECK(cli::check_server(then, {}).has_value());
}
