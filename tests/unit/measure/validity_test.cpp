#include "measure/validity.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using measure::bound;

namespace {

/// Of `n`, two in a hundred are `late`, the others in time: p99 is `late`.
sparse_histogram two_in_a_hundred(nanoseconds late, std::uint32_t n = 1000) {
    sparse_histogram h;
    h.record(10us, n - n / 50);
    h.record(late, n / 50);
    return h;
}

/// A level of two seconds that nothing is to be said against.
level_summary good() {
    level_summary s;
    s.setup = test::level_setup_of(0, 16);
    s.setup.open = open_load{"poisson", 2, true};
    s.requests = {.offered = 10, .completed = 9, .failed = 1};
    s.metrics = {{"event_gap_ms", distribution{.count = 1000, .p50 = 10}},
                 {"send_lag_ms", distribution{.count = 1000, .p99 = 9.9}}};
    s.course.client = client_figures{.cpu = 1s,
                                     .wall = 2s,
                                     .max_rss_bytes = 1,
                                     .read_lag = two_in_a_hundred(900us),
                                     .loop_lag = two_in_a_hundred(4900us)};
    s.load = load_figures{.littles_residual = 0.049};
    return s;
}

run_summary run_of(std::vector<level_summary> levels) {
    run_summary r;
    r.levels = std::move(levels);
    return r;
}

bound bound_of(const run_summary& run, std::string_view name) {
    return measure::judge(run).at(name);
}

bool only_broken(const run_summary& run, std::string_view name) {
    bool only = true;
    for (const bound& b : measure::judge(run).bounds) only = only && b.holds == (b.name != name);
    return only;
}

}  // namespace

TEST_CASE("validity: a level just inside every bound is valid, and nothing is said") {
    const auto v = measure::judge(run_of({good()}));
    CHECK(v.valid());
    for (const bound& b : v.bounds) {
        CAPTURE(b.name);
        CHECK(b.value.has_value());
        CHECK(b.sentence.empty());
    }
}

TEST_CASE("validity: each bound breaks alone, just outside of it") {
    level_summary s = good();
    SUBCASE("read lag") {
        s.course.client->read_lag = two_in_a_hundred(1100us);
        CHECK(only_broken(run_of({s}), "read_lag_p99_ms"));
    }
    SUBCASE("event loop") {
        s.course.client->loop_lag = two_in_a_hundred(5100us);
        CHECK(only_broken(run_of({s}), "event_loop_lag_p99_ms"));
    }
    SUBCASE("send lag") {
        s.metrics[1].values->p99 = 10.1;
        CHECK(only_broken(run_of({s}), "send_lag_p99_ms"));
    }
    SUBCASE("CPU") {
        s.course.client->cpu = 1720ms;
        CHECK(only_broken(run_of({s}), "client_cpu_share"));
    }
    SUBCASE("Little's law") {
        s.load->littles_residual = 0.051;
        CHECK(only_broken(run_of({s}), "little_residual"));
    }
    SUBCASE("outcomes") {
        s.requests.completed = 8;
        CHECK(only_broken(run_of({s}), "outcomes_off"));
    }
    SUBCASE("overflow") {
        s.histogram_overflow = 1;
        CHECK(only_broken(run_of({s}), "histogram_overflow"));
    }
    SUBCASE("parallel") {
        s.setup.server.parallel = {8, 4, "GET /api/v1/models"};
        CHECK(only_broken(run_of({s}), "parallel_not_in_force"));
    }
    SUBCASE("KV cache") {
        s.setup.server.unified_kv = {true, false, "SDK getLoadConfig"};
        CHECK(only_broken(run_of({s}), "unified_kv_not_in_force"));
    }
    SUBCASE("context") {
        s.setup.server.context_length = {8192, 4096, "GET /api/v1/models"};
        CHECK(only_broken(run_of({s}), "context_length_not_in_force"));
    }
}

TEST_CASE("validity: read lag may be a twentieth of the median gap, where that is more") {
    level_summary s = good();
    s.course.client->read_lag = two_in_a_hundred(2400us);
    s.metrics[0].values->p50 = 50;
    CHECK(bound_of(run_of({s}), "read_lag_p99_ms").limit == doctest::Approx(2.5));
    CHECK(measure::judge(run_of({s})).valid());
    s.metrics[0].values->p50 = 40;
    CHECK_FALSE(measure::judge(run_of({s})).valid());
    // Without gaps there is nothing to be a share of.
    s.metrics.clear();
    CHECK(bound_of(run_of({s}), "read_lag_p99_ms").limit == 1);
}

TEST_CASE("validity: a bound is judged at the level where it is worst, by that level's own limit") {
    level_summary slow = good();
    slow.course.client->read_lag = two_in_a_hundred(2400us);
    slow.metrics[0].values->p50 = 100;
    level_summary fast = good();
    fast.course.client->read_lag = two_in_a_hundred(1200us);
    const bound b = bound_of(run_of({good(), slow, fast}), "read_lag_p99_ms");
    CHECK_FALSE(b.holds);
    CHECK(b.level == 2U);
    CHECK(b.value.value() == doctest::Approx(1.2).epsilon(0.001));
    CHECK(b.limit == 1);
}

TEST_CASE("validity: of fewer than a hundred values, or less than a second, nothing is judged") {
    level_summary s = good();
    s.course.client->read_lag = two_in_a_hundred(300ms, 99);
    s.course.client->loop_lag = two_in_a_hundred(300ms, 99);
    s.course.client->cpu = 999ms;
    s.course.client->wall = 999ms;
    CHECK(measure::judge(run_of({s})).valid());
    CHECK_FALSE(bound_of(run_of({s}), "read_lag_p99_ms").value.has_value());
    s.course.client->loop_lag = two_in_a_hundred(300ms, 100);
    CHECK_FALSE(measure::judge(run_of({s})).valid());
    // A level that was killed has nothing to say of its client.
    s.course.client.reset();
    CHECK(measure::judge(run_of({s})).valid());
}

TEST_CASE("validity: of a few values, lower quantiles are proof against a run and never for it") {
    const auto late_of = [](std::uint32_t late, std::uint32_t all) {
        sparse_histogram h;
        h.record(1ms, all - late);
        h.record(300ms, late);
        level_summary s = good();
        s.course.client->loop_lag = h;
        return bound_of(run_of({s}), "event_loop_lag_p99_ms");
    };
    CHECK(late_of(40, 92).value == doctest::Approx(300).epsilon(0.01));
    CHECK(late_of(40, 92).quantile == "p90");
    CHECK_FALSE(late_of(40, 92).holds);
    CHECK(late_of(40, 92).sentence.find("300 ms late (p90; the limit is 5)") != std::string::npos);
    CHECK_FALSE(late_of(6, 50).holds);
    CHECK(late_of(5, 50).holds);
    CHECK_FALSE(late_of(5, 50).value.has_value());
    CHECK_FALSE(late_of(6, 10).holds);
    CHECK(late_of(6, 10).quantile == "p50");
    CHECK(late_of(5, 10).holds);
    CHECK(late_of(9, 9).holds);
    CHECK(late_of(0, 99).holds);
}

TEST_CASE("validity: a user's own limits hold in place of the usual ones, and zero is none") {
    level_summary s = good();
    s.course.client->read_lag = two_in_a_hundred(30ms);
    s.course.client->loop_lag = two_in_a_hundred(30ms);
    s.course.client->cpu = 1900ms;
    s.metrics[1].values->p99 = 30;
    run_summary r = run_of({s});
    r.setup.validity = {
        .read_lag = 50ms, .event_loop_lag = 50ms, .send_lag = 50ms, .client_cpu_percent = 96};
    CHECK(measure::judge(r).valid());
    r.setup.validity = {
        .read_lag = 20ms, .event_loop_lag = 20ms, .send_lag = 20ms, .client_cpu_percent = 94};
    std::size_t broken = 0;
    for (const bound& b : measure::judge(r).bounds) broken += !b.holds;
    CHECK(broken == 4);
    r.setup.validity = {
        .read_lag = 0ns, .event_loop_lag = 0ns, .send_lag = 0ns, .client_cpu_percent = 0};
    CHECK(measure::judge(r).valid());
}

TEST_CASE("validity: llama.cpp's context is that of one slot, the whole or its share") {
    level_summary s = good();
    s.setup.server.parallel = {4, 4, llama_cpp_props};
    s.setup.server.context_length = {8192, 2048, llama_cpp_props};
    CHECK(measure::judge(run_of({s})).valid());
    s.setup.server.context_length.confirmed = 8192;
    CHECK(measure::judge(run_of({s})).valid());
    s.setup.server.context_length.confirmed = 4096;
    CHECK_FALSE(measure::judge(run_of({s})).valid());
}

TEST_CASE("validity: with or without a unified cache, llama.cpp's slot has all or its share only") {
    level_summary s = good();
    s.setup.server.parallel = {4, 4, llama_cpp_props};
    const auto is_valid = [&](std::uint64_t in_a_slot) {
        s.setup.server.context_length = {8192, in_a_slot, llama_cpp_props};
        return measure::judge(run_of({s})).valid();
    };
    s.setup.server.unified_kv.requested = true;
    CHECK(is_valid(8192));
    CHECK_FALSE(is_valid(2048));
    s.setup.server.unified_kv.requested = false;
    CHECK(is_valid(2048));
    CHECK_FALSE(is_valid(8192));
    // What the server says of itself counts more than what was asked of it: that is told apart.
    s.setup.server.unified_kv = {std::nullopt, true, llama_cpp_log};
    CHECK(is_valid(8192));
    CHECK_FALSE(is_valid(2048));
    // Rounded up to the engine's step.
    s.setup.server.unified_kv = {false, std::nullopt, ""};
    s.setup.server.context_length = {1100, 512, llama_cpp_props};
    CHECK(measure::judge(run_of({s})).valid());
    s.setup.server.context_length.confirmed = 256;
    const auto judged = measure::judge(run_of({s}));
    CHECK_FALSE(judged.valid());
    bool said = false;
    for (const auto& b : judged.bounds) {
        said = said || b.sentence ==
                           "the server has 256 tokens of context in a slot and not the "
                           "275 that are a slot's share of the 1100 that were asked for";
    }
    CHECK(said);
}

TEST_CASE("validity: in a closed loop there is no send lag to be judged") {
    level_summary s = good();
    s.metrics[1].values->p99 = 300;
    CHECK_FALSE(measure::judge(run_of({s})).valid());
    s.setup.open.reset();
    CHECK(measure::judge(run_of({s})).valid());
}

TEST_CASE("validity: a sentence says what was measured and what the limit is") {
    level_summary s = good();
    s.course.client->loop_lag = two_in_a_hundred(187ms);
    CHECK(bound_of(run_of({s}), "event_loop_lag_p99_ms").sentence ==
          "the event loop was 187 ms late (p99; the limit is 5), so this client sent late, and "
          "timed late what the kernel does not time for it: take fewer streams, or a machine that "
          "does nothing else");
}
