// Open loops in virtual time against the built-in engine, where every figure is known exactly.

#include "report/table.hpp"
#include "support/virtual_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

using law = arrival_law::law;

test::virtual_setup setup_of(std::vector<double> rates, nanoseconds duration,
                             arrival_law follows = {.follows = law::constant}) {
    test::virtual_setup s;
    s.scenario.load.arrivals.rates = std::move(rates);
    s.scenario.load.arrivals.law = follows;
    s.scenario.load.duration = duration;
    s.scenario.load.warmup = 0s;
    s.scenario.workload.max_tokens = 32;
    s.scenario.workload.salt = salt_mode::seed;
    return s;
}

nanoseconds of(const request_record& r, moment m) {
    const auto at = r.moments.get(m);
    REQUIRE(at);
    return *at;
}

std::map<std::uint64_t, const request_record*> by_index(const test::virtual_result& result) {
    std::map<std::uint64_t, const request_record*> all;
    for (const request_record& r : result.records) all[r.index] = &r;
    return all;
}

const level_summary& only(const test::virtual_result& result) {
    REQUIRE(result.summary.levels.size() == 1);
    return result.summary.levels.front();
}

}  // namespace

TEST_CASE("open loop: a constant rate on an idle server is sent to the nanosecond") {
    const auto setup = setup_of({0.5}, 60s);
    const auto result = test::run_virtually(setup);
    const auto& engine = setup.server.engine;
    REQUIRE(result.records.size() == 30);
    for (const auto& [index, r] : by_index(result)) {
        CHECK(of(*r, moment::intended) == 2s * static_cast<std::int64_t>(index));
        CHECK(of(*r, moment::send_start) == of(*r, moment::intended));
        // Alone on an idle engine: T(0, P) = base + P * per token, in one chunk.
        const nanoseconds expected =
            engine.step_base +
            engine.prefill_per_token * static_cast<std::int64_t>(*r->input_tokens);
        CHECK(r->moments.between(moment::intended, moment::first_token) == expected);
        CHECK(r->ended == outcome::completed);
        // One connection is enough, and is kept.
        CHECK(r->worker == 0);
        CHECK(r->connection_reused == (index > 0));
    }
    const level_summary& level = only(result);
    CHECK(level.setup.open == open_load{"constant", 0.5, true});
    CHECK(level.metric("send_lag_ms")->max == 0);
    CHECK(level.metric("ttft_intended_ms")->p50 == level.metric("ttft_ms")->p50);
    CHECK(level.load->achieved_rate == 0.5);
    CHECK(level.load->in_flight_max == 1);
    CHECK(level.load->littles_residual == 0);
    CHECK_FALSE(level.load->grows);
}

TEST_CASE("open loop: the wait that requests cause one another counts from the intended time") {
    // Two at a time on one slot: the second waits for the whole answer of the first.
    auto setup = setup_of({}, 0s);
    setup.server.engine.parallel = 1;
    setup.scenario.load.duration.reset();
    setup.scenario.load.arrivals.steps = {{20, 100ms}, {0, 9900ms}};
    const auto result = test::run_virtually(setup);
    REQUIRE(result.records.size() == 2);
    const auto all = by_index(result);
    const nanoseconds first_end = of(*all.at(0), moment::end);
    CHECK(of(*all.at(1), moment::intended) == 50ms);
    CHECK(of(*all.at(1), moment::send_start) == 50ms);
    CHECK(of(*all.at(1), moment::prefill_start) >= first_end);
    CHECK(only(result).course.window_end == nanoseconds{10s});
    CHECK(only(result).load->in_flight_max == 2);
    CHECK_FALSE(only(result).setup.open->steady);
}

TEST_CASE("open loop: an overloaded server is told, and what is over the cap is shed and counted") {
    // Four slots carry about 7 requests/s of this kind.
    auto setup = setup_of({14}, 60s, {.follows = law::poisson});
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 1h;
    const auto swamped = test::run_virtually(setup);
    const level_summary& grows = only(swamped);
    CHECK(grows.load->grows);
    CHECK(*grows.load->in_flight_growth > 100);
    CHECK(grows.requests.shed == 0);
    CHECK(grows.requests.add_up());
    CHECK(report::table(swamped.summary, 80).find("overload") != std::string::npos);

    setup.scenario.load.arrivals.max_in_flight = 16;
    const auto capped = test::run_virtually(setup);
    const level_summary& sheds = only(capped);
    const request_counts& c = sheds.requests;
    CHECK(c.shed > 100);
    CHECK(c.offered == c.completed + c.failed + c.timed_out + c.shed + c.censored);
    CHECK(c.offered == grows.requests.offered);  // the same arrivals, whatever comes of them
    CHECK(sheds.load->in_flight_max == 16);
    CHECK(sheds.load->shed_late == 0);
    CHECK(*sheds.load->achieved_rate < 14);
    // A shed arrival is a miss, and in no latency.
    CHECK(sheds.slo->met == c.completed);
    CHECK(sheds.slo->attainment ==
          doctest::Approx(static_cast<double>(c.completed) / static_cast<double>(c.offered)));
    CHECK(sheds.metric("ttft_intended_ms")->count + sheds.metric("ttft_intended_ms")->cut ==
          c.offered - c.shed);
    for (const request_record& r : capped.records) {
        if (r.ended != outcome::shed) continue;
        CHECK(r.moments.has(moment::intended));
        CHECK_FALSE(r.moments.has(moment::send_start));
        CHECK_FALSE(r.cut);
    }
    CHECK(report::table(capped.summary, 80).find("were shed") != std::string::npos);
}

TEST_CASE("open loop: a server that copes is not called overloaded, for twenty seeds") {
    int called = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        auto setup = setup_of({4}, 120s, {.follows = law::poisson});
        setup.scenario.load.warmup = 10s;
        setup.scenario.workload.seed = seed;
        setup.keep_events = false;
        called += only(test::run_virtually(setup)).load->grows;
    }
    CHECK(called <= 1);
}

TEST_CASE("open loop: Little's law holds for what is in flight at the window's edges too") {
    auto setup = setup_of({6}, 20s, {.follows = law::gamma, .variation = 2});
    setup.scenario.load.warmup = 5s;
    setup.scenario.workload.max_tokens = 200;
    const auto result = test::run_virtually(setup);
    const level_summary& level = only(result);
    CHECK(level.load->in_flight_mean > 2);
    CHECK(*level.load->littles_residual < 1e-6);
}

TEST_CASE("open loop: the same seed gives the same run, another one does not") {
    const auto setup = setup_of({3}, 30s, {.follows = law::poisson});
    CHECK(test::run_virtually(setup).records == test::run_virtually(setup).records);
    auto other = setup;
    other.scenario.workload.seed = 2;
    CHECK_FALSE(test::run_virtually(other).records == test::run_virtually(setup).records);
}

TEST_CASE("open loop: no answer moves an arrival") {
    auto setup = setup_of({3}, 30s, {.follows = law::poisson});
    std::vector<nanoseconds> before;
    for (const std::uint32_t slots : {1U, 8U}) {
        setup.server.engine.parallel = slots;
        const auto result = test::run_virtually(setup);
        std::vector<nanoseconds> intended;
        for (const auto& [index, r] : by_index(result)) {
            intended.push_back(of(*r, moment::intended));
            CHECK(of(*r, moment::send_start) == intended.back());
        }
        if (!before.empty()) CHECK(intended == before);
        before = intended;
    }
}

TEST_CASE("open loop: a list of rates is a level each") {
    const auto result = test::run_virtually(setup_of({1, 2}, 10s));
    REQUIRE(result.summary.levels.size() == 2);
    CHECK(result.summary.levels[0].requests.offered == 10);
    CHECK(result.summary.levels[1].requests.offered == 20);
    CHECK(result.summary.levels[1].load->achieved_rate == 2);
}

TEST_CASE("open loop: warm-up and window are parted by the intended time") {
    auto setup = setup_of({2}, 10s);
    setup.scenario.load.warmup = 3s;
    const auto result = test::run_virtually(setup);
    CHECK(only(result).course.window_begin == nanoseconds{3s});
    CHECK(only(result).requests.offered == 20);
    for (const request_record& r : result.records) {
        CHECK((r.phase == run_phase::measured) == (of(r, moment::intended) >= 3s));
    }
    CHECK(result.records.size() == 26);
}

TEST_CASE("open loop: a number of requests ends the window when the last one has been sent") {
    auto setup = setup_of({2}, 0s);
    setup.scenario.load.requests = 8;
    const auto result = test::run_virtually(setup);
    CHECK(only(result).requests.offered == 8);
    CHECK(only(result).requests.completed == 8);
    CHECK(only(result).course.window_end == nanoseconds{3500ms});

    // And where nobody takes the last one.
    setup.scenario.load.arrivals.max_in_flight = 1;
    setup.scenario.load.arrivals.rates = {200};
    const auto shed = test::run_virtually(setup);
    CHECK(only(shed).requests.shed == 7);
    CHECK(only(shed).course.window_end == nanoseconds{35ms});
}

TEST_CASE("open loop: what this process is late for is shed, and sent only where that is asked") {
    // At 20 a second and stopped for a second, 19 or 20 are due at once.
    auto setup = setup_of({20}, 10s);
    setup.server.engine.parallel = 64;
    setup.scenario.workload.max_tokens = 1;
    setup.stalls = {{5010ms, 1s}};
    const auto result = test::run_virtually(setup);
    const level_summary& level = only(result);
    CHECK(level.requests.offered == 200);
    CHECK(level.requests.add_up());
    CHECK(level.load->shed_late == level.requests.shed);
    // Those that are at most 100 ms late are sent all the same.
    CHECK(level.requests.shed == 18);
    CHECK(level.metric("send_lag_ms")->max > 900);
    CHECK(level.metric("send_lag_ms")->count == 200);
    CHECK(report::table(result.summary, 80).find("late") != std::string::npos);

    setup.scenario.load.arrivals.catch_up = true;
    const auto caught_up = test::run_virtually(setup);
    CHECK(only(caught_up).requests.shed == 0);
    CHECK(only(caught_up).requests.completed == 200);
    // Felt by whoever waited for it, and no fault of the server.
    CHECK(only(caught_up).metric("ttft_intended_ms")->max > 900);
    std::uint64_t late = 0;
    for (const request_record& r : caught_up.records) {
        if (*r.moments.between(moment::intended, moment::send_start) <= 100ms) continue;
        ++late;
        CHECK(*r.moments.between(moment::send_start, moment::first_token) < 900ms);
    }
    CHECK(late == 18);
}

TEST_CASE("open loop: a stall over the end of the window loses no arrival") {
    auto setup = setup_of({20}, 5s);
    setup.stalls = {{4510ms, 2s}};
    const auto result = test::run_virtually(setup);
    CHECK(only(result).requests.offered == 100);
    CHECK(only(result).requests.add_up());
}

TEST_CASE("open loop: conversations arrive, and their turns follow one another") {
    auto setup = setup_of({0.5}, 40s);
    setup.scenario.workload.conversation.turns = 3;
    setup.scenario.load.think_time = 1s;
    const auto result = test::run_virtually(setup);
    std::map<std::uint64_t, std::map<std::uint32_t, const request_record*>> talks;
    for (const request_record& r : result.records) {
        REQUIRE(r.turn);
        talks[r.turn->conversation][r.turn->turn] = &r;
    }
    CHECK(talks.size() == 20);
    for (const auto& [number, turns] : talks) {
        CHECK(of(*turns.at(0), moment::intended) == 2s * static_cast<std::int64_t>(number));
        for (std::uint32_t i = 1; i < turns.size(); ++i) {
            CHECK(of(*turns.at(i), moment::intended) == of(*turns.at(i - 1), moment::end) + 1s);
        }
    }
    CHECK(only(result).conversations.begun == 20);
}

TEST_CASE("open loop: several APIs take turns") {
    auto setup = setup_of({4}, 10s);
    setup.scenario.target.api = "lmstudio,openai-chat";
    const auto result = test::run_virtually(setup);
    REQUIRE(result.summary.levels.size() == 2);
    for (const level_summary& level : result.summary.levels) {
        CHECK(level.requests.offered == 20);
        CHECK(level.requests.completed == 20);
        CHECK(*level.load->littles_residual < 1e-6);
    }
    // In rounds, each of which begins with the next lane: 0 1, 1 0, 0 1 ...
    for (const auto& [index, r] : by_index(result)) {
        const std::uint64_t round = index / 2;
        CHECK(r->level == (index + round) % 2);
    }
}

TEST_CASE("open loop: Ctrl-C ends the arrivals, those in flight may end") {
    auto setup = setup_of({4}, 60s);
    setup.interrupts = {10100ms};
    const auto result = test::run_virtually(setup);
    const level_summary& level = only(result);
    CHECK(level.course.window_end == nanoseconds{10100ms});
    CHECK(level.requests.offered == 41);
    CHECK(level.requests.completed == 41);

    setup.interrupts = {10100ms, 10101ms};
    const auto cut = test::run_virtually(setup);
    CHECK(only(cut).requests.offered == 41);
    CHECK(only(cut).requests.censored > 0);
    CHECK(only(cut).requests.add_up());
}

TEST_CASE("open loop: the grace cuts what is still in flight, by the books of both sides") {
    auto setup = setup_of({14}, 20s);
    setup.scenario.load.grace = 500ms;
    const auto result = test::run_virtually(setup);
    CHECK(only(result).requests.censored > 10);
    CHECK(only(result).requests.add_up());
    CHECK(*only(result).load->littles_residual < 1e-6);
}

TEST_CASE("open loop: a server that refuses does not slow the arrivals down") {
    auto setup = setup_of({10}, 10s);
    setup.server.engine.context_length = 8;  // no prompt fits
    const auto result = test::run_virtually(setup);
    CHECK(only(result).requests.offered == 100);
    CHECK(only(result).requests.failed == 100);
    CHECK(only(result).metric("send_lag_ms")->max == 0);
    CHECK(only(result).requests.add_up());

    setup.scenario.limits.max_failures = 10;
    CHECK(only(test::run_virtually(setup)).requests.failed == 10);
}

TEST_CASE("open loop: a trace is replayed with its times and its lengths") {
    auto setup = setup_of({}, 0s);
    setup.scenario.load.duration.reset();
    setup.scenario.load.warmup.reset();
    setup.scenario.load.arrivals.trace_file = PROJECT_DIRECTORY "/tests/data/trace-azure.csv";
    setup.scenario.load.arrivals.trace_scale = 2;
    setup.scenario.workload.salt = salt_mode::none;
    setup.scenario.workload.calibrate = false;
    const auto result = test::run_virtually(setup);
    const auto all = by_index(result);
    REQUIRE(all.size() == 12);
    // Its first three lines are 52 and 46.189 ms apart, with 480, 318 and 110 tokens.
    CHECK(of(*all.at(0), moment::intended) == 0ns);
    CHECK(of(*all.at(1), moment::intended) == 104ms);
    CHECK(of(*all.at(2), moment::intended) == 196'378us);
    CHECK(all.at(2)->output_tokens == 27);
    // As long as they are asked to be as far as is known without the server's count; a template
    // adds the same to each.
    const auto tokens = [&](std::uint64_t i) {
        return static_cast<double>(*all.at(i)->input_tokens);
    };
    CHECK(tokens(0) - tokens(1) == doctest::Approx(480 - 318).epsilon(0.3));
    CHECK(tokens(1) - tokens(2) == doctest::Approx(318 - 110).epsilon(0.3));
    CHECK(only(result).setup.open->arrivals == "trace");
    CHECK(only(result).requests.completed == 12);

    setup.scenario.load.arrivals.trace_limit = 5;
    CHECK(only(test::run_virtually(setup)).requests.offered == 5);
}
