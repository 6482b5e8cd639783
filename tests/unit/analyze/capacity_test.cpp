// The search against an engine whose capacity is known by a formula.

#include "analyze/capacity.hpp"

#include "analyze/joined_level.hpp"
#include "analyze/request_phases.hpp"
#include "support/folded_level.hpp"
#include "support/records.hpp"
#include "support/sanitized.hpp"
#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;
using analyze::step_verdict;

namespace {

constexpr double attainment = 0.95;

analyze::capacity_hunt::judge by_attainment() {
    return
        [](const analyze::measured_level& l) { return analyze::judge_attainment(l, attainment); };
}

slo_limits below(slo_metric m, nanoseconds limit) {
    slo_limits slo;
    slo.below[static_cast<std::size_t>(m)] = limit;
    return slo;
}

/// Searches with pieces of that setup; each piece has a seed of its own.
void hunt(analyze::capacity_hunt& h, const test::virtual_setup& base, bool rate,
          std::uint64_t seed) {
    while (const auto load = h.next()) {
        REQUIRE(h.steps().size() < 60);
        test::virtual_setup setup = base;
        setup.scenario.workload.seed = ++seed;
        if (rate) {
            setup.scenario.load.arrivals.rates = {*load};
        } else {
            setup.scenario.load.concurrency = {static_cast<std::uint32_t>(*load)};
        }
        h.told(test::virtual_level(setup), setup.scenario.load.duration_in_effect());
    }
}

/// P(wait <= t) of a queue with Poisson arrivals, one server and a fixed service time (M/D/1,
/// Erlang 1909).
double wait_within(double t, double rate, double service) {
    double sum = 0;
    const int n = static_cast<int>(t / service);
    for (int k = 0; k <= n; ++k) {
        const double x = rate * (k * service - t);
        double term = std::exp(-x);
        for (int i = 1; i <= k; ++i) term *= x / i;
        sum += term;
    }
    return (1 - rate * service) * sum;
}

/// The largest rate at which that share of the requests waits no longer than t.
double rate_for(double t, double service) {
    double low = 0;
    double high = 0.999 / service;
    while (high - low > 1e-6) {
        const double middle = (low + high) / 2;
        (wait_within(t, middle, service) >= attainment ? low : high) = middle;
    }
    return low;
}

/// 300 requests in 20 s, each of which has its first token in time with the chance of its load:
/// 97.5 % of 12 users, 91.5 % of 13.
analyze::measured_level drawn_level(std::mt19937_64& random, double users) {
    const double chance = 1 / (1 + std::exp(-3.664 + 1.288 * (users - 12)));
    level_setup setup = test::level_setup_of(0, static_cast<std::uint32_t>(users));
    setup.slo = below(slo_metric::ttft, 500ms);
    std::vector<request_record> requests;
    constexpr std::uint64_t n = 300;
    for (std::uint64_t i = 0; i < n; ++i) {
        const bool meets = static_cast<double>(random() >> 11U) * 0x1.0p-53 < chance;
        const nanoseconds sent = 20s * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(n);
        const nanoseconds first = sent + (meets ? 100ms : 900ms);
        requests.push_back(test::completed_record(sent, {first, first + 20ms}));
    }
    return test::folded_level(setup, std::move(requests), 20s);
}

/// What a sanitizer looks for is found in a few of them.
constexpr std::uint64_t seeds = test::sanitized ? 3 : 20;

}  // namespace

TEST_CASE("capacity: users are bracketed by neighbours, where a formula says how many there are") {
    // A step with B streams takes 12 ms and a millisecond for each: with 25.5 ms a token, 13 users.
    test::virtual_setup setup;
    setup.server.engine.parallel = 64;
    setup.server.engine.context_length = 10'000'000;
    setup.server.engine.prefill_per_token = 0ns;
    setup.scenario.load.duration = 20s;
    setup.scenario.workload.max_tokens = 64;
    setup.scenario.limits.slo = below(slo_metric::tpot, 25'500us);
    std::uint64_t right = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        analyze::capacity_hunt h{{.search = {.most = 64}, .step_limit = 80s, .max_time = 1h},
                                 by_attainment()};
        hunt(h, setup, false, 1000 * seed);
        const auto found = h.found();
        right += found.low && found.high && found.low->load == 13 && found.high->load == 14;
    }
    MESSAGE(right << " of " << seeds << " right");
    CHECK(right + 2 >= seeds);
}

TEST_CASE(
    "capacity: users are bracketed by neighbours where requests meet the objective by chance") {
    // Each of a load's requests meets it with a chance that is known: 95 % lies between 12 and 13
    // users. What a search sees is drawn, and another draw for each seed.
    std::uint64_t right = 0;
    std::uint64_t undecided = 0;
    std::uint64_t extended = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        std::mt19937_64 random{seed};
        analyze::capacity_hunt h{{.search = {.most = 64}, .step_limit = 80s, .max_time = 1h},
                                 by_attainment()};
        while (const auto load = h.next()) {
            REQUIRE(h.steps().size() < 60);
            h.told(drawn_level(random, *load), 20s);
        }
        const auto found = h.found();
        REQUIRE(found.high.has_value());
        undecided += found.high->verdict == step_verdict::undecided;
        for (const auto& step : h.steps()) extended += step.pieces > 1;
        right += found.low && found.low->load == 12 && found.high->load == 13;
    }
    MESSAGE(right << " of " << seeds << " right, " << undecided << " undecided at their end, "
                  << extended << " steps extended");
    CHECK(right + 2 >= seeds);
    // Chance had its say: there were steps that one piece did not decide.
    CHECK(extended > 0);
}

TEST_CASE("capacity: a rate is bracketed within a tenth, where a formula says what it is") {
    // One slot, 4 tokens of 25 ms: requests of 100 ms wait as in an M/D/1 queue.
    test::virtual_setup setup;
    setup.server.engine.parallel = 1;
    setup.server.engine.context_length = 10'000'000;
    setup.server.engine.step_base = 25ms;
    setup.server.engine.step_per_stream = 0ns;
    setup.server.engine.prefill_per_token = 0ns;
    setup.scenario.load.duration = 400s;
    setup.scenario.load.warmup = 20s;
    setup.scenario.workload.prompt = "Hi";
    setup.scenario.workload.max_tokens = 4;
    constexpr double service = 0.1;
    // The first token comes a step after a slot is there; another may have to be waited for.
    setup.scenario.limits.slo = below(slo_metric::ttft, 1025ms);
    const double truth = rate_for(1.0, service);
    MESSAGE("true capacity " << truth << " requests/s");
    REQUIRE(truth > 2);
    std::uint64_t right = 0;
    double widest = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        analyze::capacity_hunt h{
            {.search = {.first = 1, .most = 20, .whole = false, .precision = 0.1},
             .step_limit = 1600s,
             .max_time = 24h},
            by_attainment()};
        hunt(h, setup, true, 1000 * seed);
        const auto found = h.found();
        if (!found.low || !found.high) continue;
        const double width = found.high->load / found.low->load - 1;
        widest = std::max(widest, width);
        right += found.low->load <= truth && truth <= found.high->load && width <= 0.1 + 1e-9;
    }
    MESSAGE(right << " of " << seeds << " bracket it, the widest by " << widest);
    CHECK(right + 2 >= seeds);
}

TEST_CASE("capacity: an end that stays undecided where nothing is known to hold is tested again") {
    // One slot: a second user waits for the first one's answer, of 390 ms. Few requests of one user
    // fit a step, so that nothing decides it.
    test::virtual_setup setup;
    setup.server.engine.parallel = 1;
    setup.scenario.load.duration = 2s;
    setup.scenario.workload.max_tokens = 30;
    setup.scenario.limits.slo = below(slo_metric::ttft, 250ms);
    analyze::capacity_hunt h{{.search = {.most = 16}, .step_limit = 8s, .max_time = 1h},
                             by_attainment()};
    hunt(h, setup, false, 1);
    const auto found = h.found();
    REQUIRE_FALSE(found.low.has_value());
    REQUIRE(found.high.has_value());
    CHECK(found.high->load == 2);
    CHECK(found.high->tested_again);
    const auto of_one = std::count_if(h.steps().begin(), h.steps().end(),
                                      [](const auto& s) { return s.load == 1; });
    CHECK(of_one == 2);
    CHECK(h.steps().back().load == 1);
    CHECK(h.steps().back().level.summary.requests.offered > 20);
}

TEST_CASE("capacity: a step that is undecided is measured on, up to its limit") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 10s;
    const auto piece = test::virtual_level(setup);
    analyze::capacity_hunt h{{.search = {.most = 2}, .step_limit = 40s, .max_time = 1h},
                             [](const auto&) { return step_verdict::undecided; }};
    for (int i = 0; i < 4; ++i) {
        CHECK(h.next() == 1);
        CHECK(h.steps().size() <= 1);
        h.told(piece, 12s);
    }
    REQUIRE(h.steps().size() == 1);
    CHECK(h.steps().front().pieces == 4);
    CHECK(h.steps().front().length == 40s);
    CHECK(h.steps().front().level.summary.requests.offered == 4 * piece.summary.requests.offered);
    // It is an end of the bracket, marked so, and tested again like any other; what was measured
    // the first time counts as well.
    CHECK(h.found().high->verdict == step_verdict::undecided);
    CHECK(h.next() == 1);
    h.told(piece, 12s);
    REQUIRE(h.steps().size() == 2);
    CHECK(h.steps().back().length == 10s);
    CHECK(h.steps().back().earlier == 40s);
    CHECK(h.steps().back().level.summary.requests.offered == 5 * piece.summary.requests.offered);
}

TEST_CASE("capacity: nothing is begun that would go beyond the time that there is") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 10s;
    const auto piece = test::virtual_level(setup);
    analyze::capacity_hunt h{{.search = {.most = 1024}, .step_limit = 40s, .max_time = 50s},
                             [](const auto&) { return step_verdict::holds; }};
    int pieces = 0;
    for (; h.next(); ++pieces) h.told(piece, 12s);
    CHECK(pieces == 4);
    CHECK(h.out_of_time());
    CHECK(h.found().low->load == 8);
    CHECK_FALSE(h.found().high.has_value());
}

TEST_CASE("capacity: a step that there was no time to measure on says so, and of what it is") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 10s;
    const auto piece = test::virtual_level(setup);
    analyze::capacity_hunt h{{.search = {.most = 1}, .step_limit = 40s, .max_time = 30s},
                             [](const auto&) { return step_verdict::undecided; }};
    CHECK(h.step_number() == 1);
    h.told(piece, 12s, true);
    CHECK(h.step_number() == 1);
    h.told(piece, 12s);
    REQUIRE(h.steps().size() == 1);
    CHECK(h.steps().front().pieces == 2);
    CHECK(h.steps().front().cut_short);
    CHECK(h.steps().front().server_busy);
    CHECK(h.out_of_time());
    CHECK_FALSE(h.next().has_value());
    // One that had its time is not cut.
    analyze::capacity_hunt whole{{.search = {.most = 1}, .step_limit = 20s, .max_time = 30s},
                                 [](const auto&) { return step_verdict::undecided; }};
    whole.told(piece, 12s);
    whole.told(piece, 12s);
    CHECK(whole.step_number() == 2);
    CHECK_FALSE(whole.steps().front().cut_short);
    CHECK_FALSE(whole.steps().front().server_busy);
}

TEST_CASE("capacity: what was measured before counts, however little time there is now") {
    std::mt19937_64 random{3};
    const analyze::capacity_hunt::settings long_enough{
        .search = {.most = 64}, .step_limit = 80s, .max_time = 1h};
    analyze::capacity_hunt whole{long_enough, by_attainment()};
    std::vector<analyze::measured_level> pieces;
    while (const auto load = whole.next()) {
        REQUIRE(pieces.size() < 60);
        pieces.push_back(drawn_level(random, *load));
        whole.told(pieces.back(), 20s);
    }
    REQUIRE(pieces.size() > 6);
    analyze::capacity_hunt::settings hurried = long_enough;
    hurried.max_time = 30s;
    // All of it: there is no further piece that would take time.
    analyze::capacity_hunt again{hurried, by_attainment()};
    for (const auto& piece : pieces) again.knew(piece, 20s);
    again.heed_time();
    CHECK_FALSE(again.out_of_time());
    CHECK(again.steps().size() == whole.steps().size());
    CHECK(again.found().low->load == whole.found().low->load);
    CHECK(again.found().high->load == whole.found().high->load);
    // A part of it: all of that, and nothing new.
    analyze::capacity_hunt part{hurried, by_attainment()};
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(part.next().has_value());
        part.knew(pieces[i], 20s);
    }
    const auto steps = part.steps().size();
    part.heed_time();
    CHECK(part.out_of_time());
    CHECK_FALSE(part.next().has_value());
    CHECK(part.steps().size() == steps);
    // With more time it goes on from there as if it had never been ended.
    analyze::capacity_hunt on{long_enough, by_attainment()};
    for (std::size_t i = 0; i < 6; ++i) on.knew(pieces[i], 20s);
    on.heed_time();
    for (std::size_t i = 6; i < pieces.size(); ++i) {
        REQUIRE(on.next().has_value());
        on.told(pieces[i], 20s);
    }
    CHECK_FALSE(on.next().has_value());
    CHECK(on.found().high->load == whole.found().high->load);
}

TEST_CASE("capacity: a step that was known and stays undecided is cut where there is no time") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 10s;
    const auto piece = test::virtual_level(setup);
    analyze::capacity_hunt h{{.search = {.most = 1}, .step_limit = 80s, .max_time = 20s},
                             [](const auto&) { return step_verdict::undecided; }};
    for (int i = 0; i < 3; ++i) h.knew(piece, 12s);
    REQUIRE(h.steps().size() == 1);
    CHECK(h.steps().front().pieces == 3);
    CHECK_FALSE(h.steps().front().cut_short);
    h.heed_time();
    CHECK(h.steps().front().cut_short);
    CHECK(h.out_of_time());
}

TEST_CASE("capacity: that the server was busy before a step may be known only later") {
    test::virtual_setup setup;
    setup.scenario.load.duration = 10s;
    const auto piece = test::virtual_level(setup);
    analyze::capacity_hunt h{{.search = {.most = 8}, .step_limit = 10s, .max_time = 1h},
                             [](const auto&) { return step_verdict::holds; }};
    for (int i = 0; i < 3; ++i) h.told(piece, 12s);
    h.were_busy(1);
    REQUIRE(h.steps().size() == 3);
    CHECK_FALSE(h.steps()[0].server_busy);
    CHECK(h.steps()[1].server_busy);
    CHECK(h.steps()[2].server_busy);
}

TEST_CASE("capacity: the interval of the attainment is wider where requests were slow together") {
    analyze::measured_level level;
    level.summary.setup.slo = below(slo_metric::ttft, 100ms);
    const auto add = [&](std::uint64_t i, bool slow) {
        request_record r;
        r.index = i;
        r.ended = outcome::completed;
        const nanoseconds sent = std::chrono::seconds{i};
        r.moments.set(moment::send_start, sent);
        r.moments.set(moment::first_token, sent + (slow ? 200ms : 50ms));
        r.moments.set(moment::end, sent + 300ms);
        level.requests.push_back(r);
    };
    for (std::uint64_t i = 0; i < 400; ++i) add(i, i % 10 == 0);
    const auto apart = analyze::attainment_interval(level).value();
    level.requests.clear();
    for (std::uint64_t i = 0; i < 400; ++i) add(i, i < 40);
    const auto together = analyze::attainment_interval(level).value();
    CHECK(apart.low < 0.9);
    CHECK(apart.high > 0.9);
    CHECK(together.high - together.low > 2 * (apart.high - apart.low));
    level.summary.setup.slo = {};
    CHECK_FALSE(analyze::attainment_interval(level).has_value());
}

TEST_CASE("capacity: the law over the measured levels is the engine's, and the knee its slots") {
    // Steps that take no longer for more streams: eight slots are a hard knee.
    test::virtual_setup setup;
    setup.server.engine.parallel = 8;
    setup.server.engine.context_length = 10'000'000;
    setup.server.engine.step_per_stream = 0ns;
    setup.server.engine.prefill_per_token = 0ns;
    setup.scenario.load.duration = 30s;
    setup.scenario.workload.max_tokens = 64;
    std::vector<analyze::capacity_step> steps;
    for (const std::uint32_t n : {1U, 2U, 4U, 6U, 8U, 12U, 16U, 24U}) {
        setup.scenario.load.concurrency = {n};
        steps.push_back({.load = static_cast<double>(n), .level = test::virtual_level(setup)});
    }
    const auto points = analyze::load_points(steps);
    REQUIRE(points.size() == 8);
    CHECK(points.front().error > 0);
    const auto law = analyze::fit_scaling_law(points, 1).value();
    CHECK(law.better == analyze::law::hinge);
    // A token every 12 ms, and the prompt a step: 64 tokens in 65 steps.
    CHECK(law.hinge.lambda == doctest::Approx(1000.0 / 12).epsilon(0.05));
    CHECK(law.hinge.knee == doctest::Approx(8).epsilon(0.05));
    CHECK(std::abs(law.hinge.slope) < 1);
    CHECK(analyze::knee_of(points).value() == 8);
}

TEST_CASE("capacity: what limits is told by what failed and where the time went") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    setup.scenario.limits.slo = below(slo_metric::ttft, 400ms);
    CHECK(analyze::what_limits(test::virtual_level(setup)).is == analyze::limit::slots);

    setup.server.engine.parallel = 16;
    setup.scenario.workload.synthetic = token_lengths{.a = 4000};
    setup.scenario.workload.calibrate = false;
    setup.scenario.workload.max_tokens = 8;
    CHECK(analyze::what_limits(test::virtual_level(setup)).is == analyze::limit::prefill);

    setup.scenario.workload.max_tokens = 64;
    setup.scenario.limits.slo = below(slo_metric::tpot, 20ms);
    CHECK(analyze::what_limits(test::virtual_level(setup)).is == analyze::limit::decode);

    setup.server.engine.context_length = 8192;
    setup.scenario.workload.max_tokens = 600;
    CHECK(analyze::what_limits(test::virtual_level(setup)).is == analyze::limit::kv_pool);
}

TEST_CASE(
    "capacity: a full pool is counted over all pieces of a step, and what was wanted is said") {
    test::virtual_setup setup;
    setup.server.engine.parallel = 16;
    setup.server.engine.context_length = 8192;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    setup.scenario.workload.max_tokens = 600;
    const auto piece = test::virtual_level(setup);
    const std::uint64_t failed = piece.summary.errors.at("context_exhausted").count;
    const auto both = analyze::joined({piece, piece});
    const auto found = analyze::what_limits(both, piece, {});
    CAPTURE(found.evidence);
    CHECK(found.is == analyze::limit::kv_pool);
    CHECK(found.evidence.starts_with(std::to_string(2 * failed) + " of " +
                                     std::to_string(2 * piece.summary.requests.offered) +
                                     " requests failed because the pool of the KV cache was full, "
                                     "when "));
    CHECK(found.evidence.find(" wanted ") != std::string::npos);
    // What fails otherwise more often is not the pool's fault.
    auto other = piece;
    other.summary.errors["engine_failed"].count = failed + 1;
    CHECK(analyze::what_limits(other).is != analyze::limit::kv_pool);
}

TEST_CASE("capacity: what limits is told where the server tells enough of most requests") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.server.faults = {{sim::fault::drop_event, 0.1}};
    setup.server.fault_event = 1;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    setup.scenario.limits.slo = below(slo_metric::ttft, 400ms);
    const auto level = test::virtual_level(setup);
    const auto means = analyze::mean_of(analyze::phases_of(level)).value();
    REQUIRE(means.requests < means.of);
    CHECK(means.unknown_ms == 0);
    const auto found = analyze::what_limits(level);
    CHECK(found.is == analyze::limit::slots);
    CHECK(found.evidence.find("of the time to the first token was waiting") != std::string::npos);
}

TEST_CASE(
    "capacity: a bound that was broken says what of a request was too slow, as a clause does") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    const auto level = test::virtual_level(setup);
    // Nothing was promised, so nothing says what failed.
    CHECK(analyze::what_limits(level).is == analyze::limit::unknown);
    CHECK(analyze::what_limits(level, "ttft_ms").is == analyze::limit::slots);
    CHECK(analyze::what_limits(level, "itl_ms").is == analyze::limit::decode);
    CHECK(analyze::what_limits(level, "tpot_ms").is == analyze::limit::decode);
    CHECK(analyze::what_limits(level, "slo.clauses.ttft.attainment").is == analyze::limit::slots);
    CHECK(analyze::what_limits(level, "slo.clauses.tpot.attainment").is == analyze::limit::decode);
    CHECK(analyze::what_limits(level, "tokens_per_event").is == analyze::limit::unknown);
}

TEST_CASE("capacity: requests that take too long as a whole are limited by slots that they lack") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {6};
    setup.scenario.limits.slo = below(slo_metric::e2e, 300ms);
    const auto level = test::virtual_level(setup);
    const auto phases = analyze::mean_of(analyze::phases_of(level)).value();
    REQUIRE(phases.decode_ms > phases.queue_ms + phases.prefill_ms);
    const auto found = analyze::what_limits(level);
    CHECK(found.is == analyze::limit::slots);
    CHECK(found.next_step.starts_with("More slots would let more run at once"));
    CHECK(analyze::what_limits(level, "e2e_ms").is == analyze::limit::slots);
    // With a slot for each it is what their time goes to.
    setup.server.engine.parallel = 6;
    const auto all = analyze::what_limits(test::virtual_level(setup));
    CHECK(all.is == analyze::limit::decode);
    CHECK(all.next_step.starts_with("Fewer slots would make each stream faster"));
    setup.scenario.workload.synthetic = token_lengths{.a = 4000};
    setup.scenario.workload.calibrate = false;
    setup.scenario.workload.max_tokens = 8;
    CHECK(analyze::what_limits(test::virtual_level(setup)).is == analyze::limit::prefill);
}

TEST_CASE("capacity: nobody is told to have fewer slots while requests wait for one") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    setup.scenario.limits.slo = below(slo_metric::tpot, 1ms);
    const auto waiting = analyze::what_limits(test::virtual_level(setup));
    CHECK(waiting.is == analyze::limit::decode);
    CHECK(waiting.next_step.find("slots") == std::string::npos);
    setup.scenario.load.concurrency = {4};
    CHECK(analyze::what_limits(test::virtual_level(setup)).next_step.starts_with("Fewer slots"));
}

TEST_CASE("capacity: a throughput that is too little is limited by what keeps requests there") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    const auto level = test::virtual_level(setup);
    for (const char* bound : {"throughput.output_tokens_per_second",
                              "throughput.requests_per_second", "requests.completed"}) {
        CAPTURE(std::string{bound});
        CHECK(analyze::what_limits(level, bound).is == analyze::limit::slots);
    }
    // One user alone waits for no slot, and shares nothing.
    setup.scenario.load.concurrency = {1};
    const auto alone = analyze::what_limits(test::virtual_level(setup), "throughput");
    CHECK(alone.is == analyze::limit::decode);
    CHECK(alone.evidence ==
          "1.0 streams decoded at once on average, and most of a request's time was decoding.");
    CHECK(alone.next_step.find("slots") == std::string::npos);
    setup.scenario.workload.synthetic = token_lengths{.a = 4000};
    setup.scenario.workload.calibrate = false;
    setup.scenario.workload.max_tokens = 8;
    CHECK(analyze::what_limits(test::virtual_level(setup), "throughput").is ==
          analyze::limit::prefill);
}

TEST_CASE("capacity: what limits the output is told without an objective, by slots and phases") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.load.concurrency = {16};
    CHECK(analyze::what_limits_output(test::virtual_level(setup)).is == analyze::limit::slots);
    // All of them run at once: then it is what their time goes to.
    setup.server.engine.parallel = 16;
    setup.scenario.workload.max_tokens = 200;
    const auto decode = analyze::what_limits_output(test::virtual_level(setup));
    CHECK(decode.is == analyze::limit::decode);
    CHECK(decode.evidence.ends_with("more of them made each one slower."));
    setup.scenario.workload.synthetic = token_lengths{.a = 4000};
    setup.scenario.workload.calibrate = false;
    setup.scenario.workload.max_tokens = 8;
    CHECK(analyze::what_limits_output(test::virtual_level(setup)).is == analyze::limit::prefill);
}

TEST_CASE("capacity: failures decide with confidence, and not by their share of a few requests") {
    const auto judged = [](std::uint64_t failed, std::uint64_t offered) {
        level_summary level;
        level.requests.offered = offered;
        level.requests.failed = failed;
        level.requests.completed = offered - failed;
        return analyze::judge_errors(level, 0.05);
    };
    CHECK(judged(0, 0).verdict == analyze::step_verdict::undecided);
    CHECK(judged(0, 2).verdict == analyze::step_verdict::holds);
    CHECK(judged(1, 2).verdict == analyze::step_verdict::undecided);
    CHECK_FALSE(judged(1, 2).leans);
    CHECK(judged(1, 40).verdict == analyze::step_verdict::undecided);
    CHECK(judged(1, 40).leans);
    CHECK(judged(1, 200).verdict == analyze::step_verdict::holds);
    CHECK(judged(10, 40).verdict == analyze::step_verdict::fails);
    CHECK(judged(2, 2).verdict == analyze::step_verdict::fails);
}

TEST_CASE("capacity: each clause of the SLO has a capacity of its own") {
    test::virtual_setup setup;
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.duration = 20s;
    setup.scenario.workload.max_tokens = 64;
    setup.scenario.limits.slo = below(slo_metric::ttft, 400ms);
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::tpot)] = 1s;
    std::vector<analyze::capacity_step> steps;
    for (const std::uint32_t n : {2U, 4U, 8U}) {
        setup.scenario.load.concurrency = {n};
        steps.push_back({.load = static_cast<double>(n), .level = test::virtual_level(setup)});
    }
    const auto clauses = analyze::by_clause(steps, attainment);
    REQUIRE(clauses.size() == 2);
    CHECK(clauses[0].clause == "ttft < 400 ms");
    CHECK(clauses[0].holds == 4);
    CHECK(clauses[0].fails == 8);
    CHECK(clauses[1].holds == 8);
    CHECK_FALSE(clauses[1].fails.has_value());
    // Beyond a load that fails nothing holds but by chance, and the last that was seen of one
    // counts.
    auto& met = steps.front().level.summary.slo.value().clauses[0];
    REQUIRE(steps.front().load < 4);
    met.attainment = 0;
    const auto chance = analyze::by_clause(steps, attainment);
    CHECK_FALSE(chance[0].holds.has_value());
    CHECK(chance[0].fails == steps.front().load);
    steps.push_back(steps.front());
    steps.back().level.summary.slo.value().clauses[0].attainment = 1;
    CHECK(analyze::by_clause(steps, attainment)[0].holds == 4);
}
