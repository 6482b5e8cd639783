#include "analyze/best_setting.hpp"

#include "support/swept.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace lmstress;

using test::cell_of;
using test::sweep;
using test::swept;

TEST_CASE(
    "best setting: a setting that is not in force is not the best one, and no other's reason") {
    swept s = sweep({2, 4}, {4, 8});
    for (auto& c : s.cells) c.figures.level.slo.reset();
    REQUIRE(analyze::best_of(s.plan, s.cells, 0.95)->variant == 1);
    for (auto& c : s.cells) {
        if (c.cell.variant == 1) c.figures.level.setup.server.parallel.confirmed = 3;
    }
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CHECK(best.variant == 0);
    CHECK(best.sentence.find("parallel 4") == std::string::npos);
    for (auto& c : s.cells) {
        c.figures.level.setup.server = {};
        if (c.cell.variant == 1) c.figures.not_as_asked = {"the server says a is 1, not 2"};
    }
    CHECK(analyze::best_of(s.plan, s.cells, 0.95)->variant == 0);
    for (auto& c : s.cells) c.figures.level.setup.server.parallel.confirmed = 3;
    CHECK_FALSE(analyze::best_of(s.plan, s.cells, 0.95).has_value());
}

TEST_CASE(
    "best setting: the best setting serves the most users within the SLO, and the sentence says "
    "why") {
    // A TTFT of 400 ms is one without a wait for a slot.
    const swept s = sweep({2, 4, 8}, {2, 4, 8, 16});
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CHECK(best.by_objective);
    CHECK(best.variant == 2);
    CHECK(best.load == 2);
    CAPTURE(best.sentence);
    CHECK(best.sentence.starts_with("parallel 8: 8 users with ttft < 400 ms in "));
    CHECK(best.sentence.find("; parallel 4") != std::string::npos);
}

TEST_CASE("best setting: a setting that is compared by other users than the best names them") {
    // The same load by its name, 2x, is one of four users on two slots and of eight on four.
    swept s;
    s.plan.loads = {"2x"};
    s.plan.variants = {{.parallel = 2}, {.parallel = 4}};
    s.cells = {cell_of(s.plan.variants[0], 0, 0, 4), cell_of(s.plan.variants[1], 1, 0, 8)};
    for (auto& c : s.cells) c.figures.level.slo.reset();
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CAPTURE(best.sentence);
    CHECK(best.sentence.starts_with("parallel 4 "));
    CHECK(best.sentence.find("; parallel 2 with 4 users has ") != std::string::npos);
    // Of as many users there is nothing to name.
    s.cells = {cell_of(s.plan.variants[0], 0, 0, 8), cell_of(s.plan.variants[1], 1, 0, 8)};
    for (auto& c : s.cells) c.figures.level.slo.reset();
    CHECK(analyze::best_of(s.plan, s.cells, 0.95).value().sentence.find("; parallel 2 has ") !=
          std::string::npos);
}

TEST_CASE(
    "best setting: without an SLO that holds the best has the most output, and that is said") {
    swept s = sweep({2, 4}, {4, 8});
    for (auto& c : s.cells) c.figures.level.slo.reset();
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CHECK_FALSE(best.by_objective);
    CHECK(best.variant == 1);
    CHECK(best.sentence.find("has the most output") != std::string::npos);
    CHECK(best.sentence.find("--slo") != std::string::npos);
    swept hard = sweep({2, 4}, {16, 32});
    const auto none = analyze::best_of(hard.plan, hard.cells, 0.95).value();
    CHECK_FALSE(none.by_objective);
    CHECK(none.sentence.starts_with("No setting has ttft < 400 ms in 95 % of the requests"));
    CHECK_FALSE(analyze::best_of(hard.plan, {}, 0.95).has_value());
}

TEST_CASE("best setting: a share beside its bound is on the bound's side that it is on") {
    swept s = sweep({2, 4}, {4});
    const auto with = [&](std::uint64_t met) {
        for (auto& c : s.cells) {
            c.figures.level.requests = {.offered = 100'000, .completed = 100'000};
            c.figures.level.slo->met = met;
            c.figures.level.slo->attainment = static_cast<double>(met) / 100'000;
        }
        return analyze::best_of(s.plan, s.cells, 0.95).value().sentence;
    };
    CHECK(with(94'960).find("comes nearest, with 94.9 %.") != std::string::npos);
    CHECK(with(94'999).find("comes nearest, with 94.9 %.") != std::string::npos);
    CHECK(with(95'000).find(" in 95 % of the requests, ") != std::string::npos);
    CHECK(with(99'970).find(" in 99.9 % of the requests, ") != std::string::npos);
    CHECK(with(100'000).find(" in 100 % of the requests, ") != std::string::npos);
}

TEST_CASE("best setting: a run of which nothing completed counts beside the others of its cell") {
    swept s;
    s.plan.loads = {"4"};
    s.plan.variants = {{.parallel = 4}};
    for (std::uint32_t run = 0; run < 4; ++run) {
        s.cells.push_back(cell_of(s.plan.variants[0], 0, 0, 4, run));
        level_summary& l = s.cells.back().figures.level;
        l.requests = {.offered = 100, .completed = 100};
        l.slo->met = 100;
    }
    CHECK(analyze::best_of(s.plan, s.cells, 0.95)->sentence.find(" in 100 % of the requests") !=
          std::string::npos);
    level_summary& failed = s.cells.back().figures.level;
    failed.requests = {.offered = 100, .failed = 100};
    failed.slo->met = 0;
    failed.slo->attainment = 0;
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CAPTURE(best.sentence);
    CHECK_FALSE(best.by_objective);
    CHECK(best.sentence.find("with 75 %.") != std::string::npos);
    // Where no run completed anything there is nothing to choose.
    for (auto& c : s.cells) c.figures.level.requests = {.offered = 100, .failed = 100};
    CHECK_FALSE(analyze::best_of(s.plan, s.cells, 0.95).has_value());
}

TEST_CASE("best setting: whichever setting is named, that its run is not valid is said") {
    swept s = sweep({2, 4}, {32});
    for (auto& c : s.cells) c.invalid = "the event loop was late";
    const auto none = analyze::best_of(s.plan, s.cells, 0.95).value();
    CAPTURE(none.sentence);
    REQUIRE(none.sentence.starts_with("No setting has "));
    CHECK(none.sentence.find("(by an INVALID run) with 32 users comes nearest") !=
          std::string::npos);
    CHECK(none.sentence.find("; parallel 2 (by an INVALID run) has ") != std::string::npos);
}

TEST_CASE("best setting: what settings differ by no more than by their runs is told as no change") {
    swept s;
    s.plan.loads = {"4"};
    s.plan.variants = {{.parallel = 2}, {.parallel = 4}};
    const auto sentence = [&](double a0, double a1, double b0, double b1) {
        s.cells.clear();
        for (std::size_t v = 0; v < 2; ++v) {
            for (std::uint32_t run = 0; run < 2; ++run) {
                auto cell = cell_of({.parallel = 4}, v, 0, 4, run);
                cell.figures.level.setup.server = {};
                cell.figures.batch.reset();
                cell.figures.level.slo.reset();
                const double at = v == 0 ? (run == 0 ? a0 : a1) : (run == 0 ? b0 : b1);
                cell.figures.level.output_tokens_per_second = at;
                for (named_metric& m : cell.figures.level.metrics) {
                    if (!m.values) continue;
                    m.values->p95 = at;
                }
                s.cells.push_back(std::move(cell));
            }
        }
        return analyze::best_of(s.plan, s.cells, 0.95).value().sentence;
    };
    const std::string noise = sentence(100, 140, 110, 150);
    CAPTURE(noise);
    CHECK(noise.find("has no other throughput that its runs would show.") != std::string::npos);
    const std::string apart = sentence(100, 100.1, 130, 130.1);
    CAPTURE(apart);
    CHECK(apart.find("; parallel 2 has 23 % less throughput, takes TTFT p95 from 130 to 100 ms and "
                     "ITL p95 from 130 to 100 ms.") != std::string::npos);
    const std::string half = sentence(50, 50.1, 100, 100.1);
    CAPTURE(half);
    CHECK(half.find(" less throughput, halves TTFT p95 and ITL p95.") != std::string::npos);
}

TEST_CASE("best setting: what quantiles of too few requests differ by is no change") {
    swept s = sweep({2, 4}, {4});
    for (auto& c : s.cells) c.figures.level.slo.reset();
    const std::string before = analyze::best_of(s.plan, s.cells, 0.95).value().sentence;
    CAPTURE(before);
    REQUIRE(before.find(" p95") != std::string::npos);
    for (auto& c : s.cells) {
        for (named_metric& m : c.figures.level.metrics) {
            if (!m.values || !m.values->ci95.p95) continue;
            m.values->ci95.p95->high = std::numeric_limits<double>::infinity();
        }
    }
    const std::string open = analyze::best_of(s.plan, s.cells, 0.95).value().sentence;
    CAPTURE(open);
    CHECK(open.find(" p95") == std::string::npos);
    CHECK(open.find("throughput") != std::string::npos);
}
