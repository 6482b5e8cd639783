#include "analyze/timeline.hpp"

#include "analyze/level_series.hpp"
#include "analyze/server_view.hpp"
#include "support/records.hpp"
#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::timeline_of;

namespace {

/// Requests a second apart; the one of that number waits nine times as long as the others.
analyze::measured_level level_with_a_slow_one(std::size_t n, std::size_t slow) {
    analyze::measured_level level;
    level.summary.course = {.window_begin = 0s, .window_end = std::chrono::seconds{n}};
    for (std::size_t i = 0; i < n; ++i) {
        const nanoseconds sent = std::chrono::seconds{i};
        const nanoseconds wait = i == slow ? 900ms : 100ms;
        auto r = test::completed_record(sent, {sent + wait, sent + wait + 10ms});
        r.index = i;
        level.requests.push_back(std::move(r));
    }
    return level;
}

std::vector<std::uint64_t> indices_of(const std::vector<analyze::timeline_bar>& bars) {
    std::vector<std::uint64_t> out;
    for (const auto& bar : bars) out.push_back(bar.request->index);
    return out;
}

}  // namespace

TEST_CASE("timeline: neighbours around the longest wait, as many as are asked for") {
    const auto middle = level_with_a_slow_one(20, 10);
    CHECK(indices_of(timeline_of(middle, 4)) == std::vector<std::uint64_t>{8, 9, 10, 11});
    const auto first = level_with_a_slow_one(20, 0);
    CHECK(indices_of(timeline_of(first, 4)) == std::vector<std::uint64_t>{0, 1, 2, 3});
    const auto last = level_with_a_slow_one(20, 19);
    CHECK(indices_of(timeline_of(last, 4)) == std::vector<std::uint64_t>{16, 17, 18, 19});
    CHECK(timeline_of(last, 100).size() == 20);
    CHECK(timeline_of({}, 4).empty());
}

TEST_CASE("timeline: a request without a token is a bar all the same, as long as it was there") {
    auto level = level_with_a_slow_one(3, 1);
    request_record& r = level.requests[1];
    r.moments.clear(moment::first_token);
    r.moments.clear(moment::last_token);
    r.moments.clear(moment::end);
    r.ended = outcome::failed;
    r.error = request_error{.kind = failure_kind::reset};
    r.broke = 1s + 700ms;
    const auto bars = timeline_of(level, 10);
    REQUIRE(bars.size() == 3);
    CHECK(bars[1].phases.begin == 1s);
    CHECK(bars[1].phases.whole() == 0s);
    CHECK(bars[1].end == 1700ms);
}

TEST_CASE("timeline: stalls are the gaps of five medians, and never the short ones") {
    level_summary level;
    CHECK_FALSE(analyze::stall_limit(level));
    level.metrics.push_back({"event_gap_ms", distribution{.count = 10, .p50 = 4}});
    CHECK(analyze::stall_limit(level) == 50ms);
    level.metrics[0].values->p50 = 20;
    CHECK(analyze::stall_limit(level) == 100ms);
    request_record r;
    r.event_times = {1s, 1s + 20ms, 1s + 119ms, 1s + 219ms};
    CHECK(analyze::stalls_of(r, 100ms) == std::vector<analyze::stall>{{1s + 119ms, 100ms}});
    r.event_times.clear();
    CHECK(analyze::stalls_of(r, 100ms).empty());
}

TEST_CASE("timeline: the silence before a request was given up or failed is a stall, the longest") {
    request_record r = test::completed_record(0s, {1s, 1s + 20ms});
    r.moments.clear(moment::end);
    r.ended = outcome::timed_out;
    r.cut = 6s;
    const std::vector<analyze::stall> silence{{1s + 20ms, 4980ms}};
    CHECK(analyze::stalls_of(r, 100ms) == silence);  // known without the times of events
    r.event_times = {1s, 1s + 20ms};
    CHECK(analyze::stalls_of(r, 100ms) == silence);
    r.cut.reset();
    r.ended = outcome::failed;
    r.broke = 1s + 119ms;
    CHECK(analyze::stalls_of(r, 100ms).empty());
    r.broke = 1s + 120ms;
    CHECK(analyze::stalls_of(r, 100ms) == std::vector<analyze::stall>{{1s + 20ms, 100ms}});
}

TEST_CASE("timeline: of very many stalls the longest are told one by one, and all are counted") {
    auto level = level_with_a_slow_one(2, 1);
    level.summary.metrics.push_back({"event_gap_ms", distribution{.count = 10, .p50 = 4}});
    request_record& r = level.requests[0];
    nanoseconds at = 0s;
    nanoseconds together{0};
    for (int i = 0; i <= 100; ++i) {
        r.event_times.push_back(at);
        if (i < 100) together += 50ms + i % 10 * 1ms;
        at += 50ms + i % 10 * 1ms;
    }
    const auto bars = timeline_of(level, 10);
    REQUIRE(bars.size() == 2);
    CHECK(bars[0].stall_count == 100);
    CHECK(bars[0].stalled == together);
    REQUIRE(bars[0].stalls.size() == analyze::most_stalls);
    for (std::size_t i = 0; i < bars[0].stalls.size(); ++i) {
        CHECK(bars[0].stalls[i].length == 59ms);
        if (i > 0) CHECK(bars[0].stalls[i].begin > bars[0].stalls[i - 1].begin);
    }
    CHECK(bars[1].stall_count == 0);
}

TEST_CASE("level series: what is in flight and decoding adds up to the time that it took") {
    auto level = level_with_a_slow_one(10, 3);
    const auto series = analyze::occupancy_over_time(level, 20);
    REQUIRE(series.in_flight.size() == 20);
    double in_flight = 0;
    double decoding = 0;
    for (const double v : series.in_flight) in_flight += v / 2;  // each part is half a second
    for (const double v : series.decoding) decoding += v / 2;
    CHECK(in_flight == doctest::Approx(9 * 0.110 + 0.910));
    CHECK(decoding == doctest::Approx(10 * 0.010));
    CHECK(series.prefilling.empty());  // nobody told
    const auto ttft = analyze::by_send(level, "ttft_ms");
    REQUIRE(ttft.size() == 10);
    CHECK(ttft[3].at == 3s);
    CHECK(ttft[3].value == doctest::Approx(900));
    CHECK(analyze::by_send(level, "itl_ms").empty());  // of which a request has many
    level.requests[0].event_times = {100ms, 110ms, 150ms};
    const auto gaps = analyze::gaps_by_time(level);
    REQUIRE(gaps.size() == 2);
    CHECK(gaps[1].at == 150ms);
    CHECK(gaps[1].value == doctest::Approx(40));
}

TEST_CASE("server view: the difference is request by request, over those that have both") {
    auto level = level_with_a_slow_one(4, 1);
    for (request_record& r : level.requests) r.server_ttft_ms = 60;
    level.requests[2].server_ttft_ms.reset();
    const auto views = analyze::against_server(level);
    REQUIRE(views.size() == 1);
    CHECK(views[0].name == "TTFT");
    CHECK(views[0].ours.count == 3);
    CHECK(views[0].ours.p50 == doctest::Approx(100));
    CHECK(views[0].server.p50 == doctest::Approx(60));
    CHECK(views[0].difference.p50 == doctest::Approx(40));
    CHECK(views[0].difference.max == doctest::Approx(840));
    for (request_record& r : level.requests) r.server_ttft_ms.reset();
    CHECK(analyze::against_server(level).empty());
}
