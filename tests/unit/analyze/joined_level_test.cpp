#include "analyze/joined_level.hpp"

#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

analyze::measured_level piece(std::uint64_t seed) {
    test::virtual_setup setup;
    setup.scenario.load.concurrency = {4};
    setup.scenario.load.duration = 20s;
    setup.scenario.load.warmup = 3s;
    setup.scenario.workload.seed = seed;
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 1s;
    return test::virtual_level(setup);
}

}  // namespace

TEST_CASE("joined level: one piece is itself") {
    const auto one = piece(1);
    CHECK(analyze::joined({one}).summary.output_tokens_per_second ==
          one.summary.output_tokens_per_second);
}

TEST_CASE("joined level: requests and rates of all pieces, over their windows together") {
    const std::vector pieces{piece(1), piece(2), piece(3)};
    const auto all = analyze::joined(pieces);
    std::uint64_t offered = 0;
    std::uint64_t ttfts = 0;
    double tokens = 0;
    double in_flight = 0;
    for (const auto& p : pieces) {
        offered += p.summary.requests.offered;
        ttfts += p.summary.metric("ttft_ms")->count;
        tokens += p.summary.output_tokens_per_second * p.summary.window_seconds;
        in_flight += p.summary.load->in_flight_mean / 3;
    }
    CHECK(all.summary.requests.offered == offered);
    CHECK(all.summary.requests.add_up());
    CHECK(all.summary.metric("ttft_ms")->count == ttfts);
    CHECK(all.summary.window_seconds == doctest::Approx(60));
    CHECK(all.summary.output_tokens_per_second == doctest::Approx(tokens / 60));
    CHECK(all.summary.slo->met <= offered);
    CHECK(all.summary.load->in_flight_mean == doctest::Approx(in_flight).epsilon(0.05));
}

TEST_CASE("joined level: the client is one process, whose time and lags are those of all pieces") {
    std::vector pieces{piece(1), piece(2)};
    for (auto& p : pieces) {
        client_figures& c = p.summary.course.client.emplace();
        c.cpu = 1s;
        c.wall = 10s;
        c.read_lag.record(2ms);
        c.loop_lag.record(3ms);
    }
    pieces[0].summary.course.client->max_rss_bytes = 5;
    const auto all = analyze::joined(pieces).summary.course.client;
    REQUIRE(all.has_value());
    CHECK(all->cpu == 2s);
    CHECK(all->wall == 20s);
    CHECK(all->max_rss_bytes == 5);
    CHECK(all->read_lag.exact().count == 2);
    CHECK(all->loop_lag.exact().count == 2);
    // Of a part of them nothing is said.
    pieces[1].summary.course.client.reset();
    CHECK_FALSE(analyze::joined(pieces).summary.course.client.has_value());
}
