#include "report/crossing.hpp"

#include "support/sources.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

/// Four slots and an SLO of 500 ms: 8 streams wait too long.
report::slo_crossing crossing(std::vector<std::uint32_t> streams, nanoseconds window) {
    test::virtual_setup setup = test::ordinary_setup(streams);
    setup.scenario.load.duration = window;
    std::vector<report::source> all{test::source_of_run(std::move(setup))};
    return report::series_of(all).at(0).slo.value();
}

}  // namespace

TEST_CASE("crossing: a load holds the objective where its requests are enough to say so") {
    const auto many = crossing({4, 8}, 60s);
    CHECK(many.holds_up_to == 4);
    CHECK(many.fails_from == 8);
    CHECK_FALSE(many.undecided_from.has_value());
    CAPTURE(many.sentence);
    CHECK(many.sentence.starts_with(
        "4 streams held ttft < 500 ms in 95 % of the requests: 100 % of "));
    CHECK(many.sentence.find("; 8 streams did not: ") != std::string::npos);
    CHECK(many.sentence.ends_with(" %)."));
}

TEST_CASE("crossing: what so few requests cannot decide is not called held") {
    const auto few = crossing({1, 4}, 4s);
    CHECK_FALSE(few.holds_up_to.has_value());
    CHECK_FALSE(few.fails_from.has_value());
    CHECK(few.undecided_from == 1);
    CAPTURE(few.sentence);
    CHECK(
        few.sentence.starts_with("From 1 stream to 4 streams it is not decided whether ttft < 500 "
                                 "ms in 95 % of the requests holds: with 4 streams 100 % of "));
    CHECK(few.sentence.find(" (95 %: ") != std::string::npos);
}

TEST_CASE("crossing: a load that is not decided below one that fails") {
    const auto both = crossing({4, 8}, 10s);
    CHECK(both.undecided_from == 4);
    CHECK(both.fails_from == 8);
    CAPTURE(both.sentence);
    CHECK(both.sentence.starts_with("With 4 streams it is not decided whether "));
    CHECK(both.sentence.find("; 8 streams did not: 0 % of ") != std::string::npos);
}

TEST_CASE("crossing: of a capacity search an end that stayed undecided does not fail") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft < 2 s"};
    r.found.low = {.load = 2, .verdict = analyze::step_verdict::holds, .tested_again = false};
    r.found.high = {.load = 4, .verdict = analyze::step_verdict::undecided, .tested_again = false};
    const auto open = report::crossing_of(r);
    CHECK(open.holds_up_to == 2);
    CHECK(open.undecided_from == 4);
    CHECK_FALSE(open.fails_from.has_value());
    r.found.high->verdict = analyze::step_verdict::fails;
    const auto closed = report::crossing_of(r);
    CHECK(closed.fails_from == 4);
    CHECK_FALSE(closed.undecided_from.has_value());
}
