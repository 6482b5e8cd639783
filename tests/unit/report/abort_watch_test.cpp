#include "report/abort_watch.hpp"

#include "measure/level_fold.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using report::abort_watch;
using report::verdict;

namespace {

constexpr slo_limits none = {};

/// A request with that TTFT and two tokens.
request_record answered(nanoseconds ttft) {
    return test::completed_record(0ns, {ttft, ttft + 10ms});
}

request_record failed(failure_kind kind) {
    request_record r;
    r.ended = outcome::failed;
    r.error = request_error{.kind = kind};
    return r;
}

std::vector<report::threshold> thresholds(const std::string& text) {
    return {report::parse_threshold(text).value()};
}

/// What becomes of the threshold over all of these in the end.
verdict in_the_end(const std::string& text, const std::vector<request_record>& all,
                   const slo_limits& slo = none) {
    level_setup setup = test::level_setup_of(0);
    setup.slo = slo;
    measure::level_fold fold{setup};
    for (const request_record& r : all) fold.add(r);
    run_summary run;
    run.setup.scenario_json = "{}";
    run.setup.thresholds = {text};
    run.levels = {fold.result({.window_begin = 0ns, .window_end = 10s})};
    return report::judge_thresholds(run).at(0).verdict;
}

bool lost_after(const std::string& text, const std::vector<request_record>& seen,
                std::uint64_t most, const slo_limits& slo = none) {
    const auto all = thresholds(text);
    abort_watch watch{all, slo};
    for (const request_record& r : seen) watch.add(r);
    return watch.lost(most) != nullptr;
}

/// Lost after `n` bad ones is exactly what fails when all the others are good.
void check_worst_case(const std::string& text, const request_record& bad,
                      const request_record& good, std::uint64_t most,
                      const slo_limits& slo = none) {
    CAPTURE(text);
    CAPTURE(most);
    std::vector<request_record> seen;
    for (std::uint64_t n = 0; n <= most; ++n) {
        CAPTURE(n);
        std::vector<request_record> whole = seen;
        whole.resize(most, good);
        REQUIRE(lost_after(text, seen, most, slo) ==
                (in_the_end(text, whole, slo) == verdict::fail));
        seen.push_back(bad);
    }
}

}  // namespace

TEST_CASE("abort_watch: a quantile is lost when, and only when, it fails with the best of rests") {
    for (const std::string text :
         {"ttft_ms.p50 < 100", "ttft_ms.p90 <= 100", "metrics.ttft_ms.p95 < 100"}) {
        for (const std::uint64_t most : {10U, 80U}) {
            check_worst_case(text, answered(200ms), answered(1ms), most);
        }
    }
    // Of 80 requests no 99th percentile can be known to be too high before one of them is left.
    check_worst_case("ttft_ms.p99 < 100", answered(200ms), answered(1ms), 80);
    check_worst_case("stream_tokens_per_second.p50 > 50", test::completed_record(0ns, {1ms, 101ms}),
                     test::completed_record(0ns, {1ms, 11ms}), 60);
}

TEST_CASE("abort_watch: attainment, counts and the greatest value are lost when they fail") {
    slo_limits slo;
    slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 100ms;
    check_worst_case("slo.attainment > 0.9", answered(200ms), answered(1ms), 60, slo);
    check_worst_case("slo.attainment >= 0.5", failed(failure_kind::reset), answered(1ms), 40, slo);
    check_worst_case("requests.failed < 5", failed(failure_kind::reset), answered(1ms), 20);
    check_worst_case("errors.reset.count <= 5", failed(failure_kind::reset), answered(1ms), 20);
    check_worst_case("ttft_ms.max < 100", answered(200ms), answered(1ms), 20);
    check_worst_case("ttft_ms.mean < 100", answered(200ms), answered(1us), 20);
}

TEST_CASE(
    "abort_watch: what the rest could still change, or nobody knows before the end, is not lost") {
    std::vector<request_record> bad(10, answered(200ms));
    CHECK(lost_after("ttft_ms.p50 < 100", bad, 10));
    CHECK_FALSE(lost_after("ttft_ms.p50 < 100", bad, 40));
    CHECK_FALSE(lost_after("throughput.output_tokens_per_second > 1e9", bad, 10));
    CHECK_FALSE(lost_after("ttft_ms.max > 1e9", bad, 10));
    CHECK_FALSE(lost_after("requests.completed > 1000", bad, 10));
    CHECK_FALSE(lost_after("errors.reset.count < 1", bad, 10));
}

TEST_CASE("abort_watch: of requests that were cut it is known that they took longer") {
    request_record cut;
    cut.ended = outcome::timed_out;
    cut.moments.set(moment::send_start, 0ns);
    cut.cut = 3s;
    const std::vector<request_record> all(20, cut);
    CHECK(lost_after("ttft_ms.p50 < 2000", all, 20));
    CHECK_FALSE(lost_after("ttft_ms.p50 < 4000", all, 20));
}

TEST_CASE("abort_watch: requests of the warm-up do not count") {
    request_record early = answered(200ms);
    early.phase = run_phase::warmup;
    CHECK_FALSE(lost_after("ttft_ms.max < 100", {early}, 10));
}
