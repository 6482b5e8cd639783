#include "cli/way_to_server.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace lmstress;

TEST_CASE("way to a server: a multiple is one of the slots that it says, or was asked to have") {
    load_settings load;
    load.concurrency = {stream_count::of_slots(2), 3};
    CHECK_FALSE(cli::slots_of({}).has_value());
    CHECK(cli::streams_of(load, cli::slots_of({})).error().code == errc::usage);
    CHECK(cli::streams_of(load, cli::slots_of({.requested = 4})).value() ==
          std::vector<std::uint32_t>{8, 3});
    CHECK(cli::streams_of(load, cli::slots_of({.requested = 4, .confirmed = 6})).value() ==
          std::vector<std::uint32_t>{12, 3});
}
