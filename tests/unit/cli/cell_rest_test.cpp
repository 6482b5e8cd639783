#include "cli/cell_rest.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;

TEST_CASE("cell rest: after a cell in which TTFT drifted there is one, as long as a window") {
    scenario s;
    s.load.duration = 20s;
    s.sweep.idle_timeout = 60s;
    cli::cell_rest rest{s};
    CHECK(rest.take() == 0s);
    rest.after_cell(false);
    CHECK(rest.take() == 0s);
    rest.after_cell(true);
    CHECK(rest.take() == 20s);
    // Once: what was hot then has had its rest.
    CHECK(rest.take() == 0s);
    // The last cell counts, not one before it.
    rest.after_cell(true);
    rest.after_cell(false);
    CHECK(rest.take() == 0s);
}

TEST_CASE("cell rest: it is no longer than the wait for an idle server may be") {
    scenario s;
    s.load.duration = 300s;
    s.sweep.idle_timeout = 60s;
    cli::cell_rest rest{s};
    rest.after_cell(true);
    CHECK(rest.take() == 60s);
}
