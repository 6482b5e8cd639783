#include "measure/slo_tally.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;
using measure::meets;
using measure::slo_tally;

namespace {

/// Sent at 1 s; its tokens at 1.5, 1.7 and 2.1 s: TTFT 500 ms, TPOT 300 ms, longest gap 400 ms,
/// E2E 1,100 ms.
request_record ordinary() {
    return test::completed_record(1s, {1500ms, 1700ms, 2100ms});
}

request_record broken_off() {
    request_record r = ordinary();
    r.ended = outcome::failed;
    r.moments.clear(moment::end);
    return r;
}

slo_limits limits(slo_metric m, nanoseconds below) {
    slo_limits s;
    s.below[static_cast<std::size_t>(m)] = below;
    return s;
}

}  // namespace

TEST_CASE("slo: each clause is met below its limit, and not at it") {
    struct row {
        slo_metric m;
        nanoseconds value;
    };
    for (const row& r :
         {row{slo_metric::ttft, 500ms}, row{slo_metric::ttfa, 500ms}, row{slo_metric::tpot, 300ms},
          row{slo_metric::itl_max, 400ms}, row{slo_metric::e2e, 1100ms}}) {
        CAPTURE(static_cast<int>(r.m));
        CHECK(meets(ordinary(), r.m, r.value + 1ns));
        CHECK_FALSE(meets(ordinary(), r.m, r.value));
    }
}

TEST_CASE("slo: the time that a tool took is not the model's") {
    request_record r = ordinary();
    r.tool_gaps = 400ms;  // of the 600 ms between the first token and the third
    CHECK(meets(r, slo_metric::tpot, 101ms));
    CHECK_FALSE(meets(r, slo_metric::tpot, 100ms));
}

TEST_CASE("slo: what broke off had its first token, and no more") {
    CHECK(meets(broken_off(), slo_metric::ttft, 1s));
    CHECK(meets(broken_off(), slo_metric::ttfa, 1s));
    CHECK_FALSE(meets(broken_off(), slo_metric::tpot, 1s));
    CHECK_FALSE(meets(broken_off(), slo_metric::itl_max, 1s));
    CHECK_FALSE(meets(broken_off(), slo_metric::e2e, 10s));
}

TEST_CASE("slo: an answer of one token has no gap that could be too long") {
    const request_record one = test::completed_record(1s, {1500ms});
    CHECK(meets(one, slo_metric::tpot, 1ms));
    CHECK(meets(one, slo_metric::itl_max, 1ms));
    request_record nothing;
    nothing.ended = outcome::shed;
    for (std::size_t i = 0; i < slo_metric_count; ++i) {
        CHECK_FALSE(meets(nothing, static_cast<slo_metric>(i), 1h));
    }
}

TEST_CASE("slo: attainment is of all that were offered, whatever became of them") {
    slo_limits both = limits(slo_metric::ttft, 600ms);
    both.below[static_cast<std::size_t>(slo_metric::e2e)] = 1s;
    slo_tally tally{both};
    for (int i = 0; i < 6; ++i) tally.add(test::completed_record(0s, {500ms, 900ms}));
    tally.add(ordinary());    // in time for its first token, and too late with its last
    tally.add(broken_off());  // the same
    request_record shed;
    shed.ended = outcome::shed;
    tally.add(shed);
    tally.add(shed);
    // Its rate is of those that ended in the window, whenever they were sent.
    for (const int ms : {500, 1000, 2900, 3000, 4000}) {
        const nanoseconds at = std::chrono::milliseconds{ms};
        tally.note_end(test::completed_record(at - 400ms, {at - 200ms, at}));
    }
    tally.note_end(ordinary());
    const auto s = *tally.result({.window_begin = 1s, .window_end = 3s});
    CHECK(s.met == 6);
    CHECK(s.attainment == 0.6);
    CHECK(s.goodput_per_second == 1.0);
    REQUIRE(s.goodput_ci95);
    CHECK(s.goodput_ci95->low < 0.2);
    CHECK(s.goodput_ci95->high > 3.5);
    REQUIRE(s.clauses.size() == 2);
    CHECK(s.clauses[0].name == "ttft");
    CHECK(s.clauses[0].below_ms == 600);
    CHECK(s.clauses[0].met == 8);
    CHECK(s.clauses[1].met == 6);
    // Clopper and Pearson, of 6 among 10.
    CHECK(s.ci95->low == doctest::Approx(0.2624).epsilon(1e-3));
    CHECK(s.ci95->high == doctest::Approx(0.8784).epsilon(1e-3));
}

TEST_CASE("slo: where nothing was promised there is none, and of nothing offered no share") {
    CHECK_FALSE(slo_tally{{}}.result({}));
    const auto s = *slo_tally{limits(slo_metric::ttft, 1s)}.result({});
    CHECK(s.attainment == 0);
    CHECK_FALSE(s.ci95);
}
