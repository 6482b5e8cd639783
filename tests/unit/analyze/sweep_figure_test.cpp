#include "analyze/sweep_figure.hpp"

#include "support/swept.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace lmstress;

using test::cell_of;

TEST_CASE("sweep figure: a cell that asked nothing has no figures") {
    auto cell = cell_of({.parallel = 1}, 0, 0, 1);
    cell.figures.level.requests = {};
    cell.figures.level.output_tokens_per_second = 0;
    const auto& rate = analyze::sweep_figure_named("output_tokens_per_second");
    CHECK_FALSE(analyze::over_runs(rate, {&cell, 1}, 0, 0).has_value());
}

TEST_CASE("sweep figure: a figure over several runs has an interval over runs") {
    const server_variant v{.parallel = 2};
    const std::vector cells{cell_of(v, 0, 0, 4, 0), cell_of(v, 0, 0, 4, 1), cell_of(v, 0, 0, 4, 2)};
    const auto& ttft = analyze::sweep_figure_named("ttft_p95_ms");
    const auto all = analyze::over_runs(ttft, cells, 0, 0).value();
    CHECK(all.runs == 3);
    double mean = 0;
    for (const auto& c : cells) mean += ttft.of(c.figures.level).value() / 3;
    CHECK(all.mean == doctest::Approx(mean));
    CHECK(all.ci95->low < mean);
    CHECK(all.ci95->high > mean);
    // Of one run it is the quantile's own.
    const auto one = analyze::over_runs(ttft, std::span{cells}.first(1), 0, 0).value();
    CHECK(one.ci95 == cells.front().figures.level.metric("ttft_ms")->ci95.p95);
    CHECK_FALSE(analyze::over_runs(ttft, cells, 1, 0).has_value());
}

TEST_CASE("sweep figure: no interval over runs goes below zero, where no figure can be") {
    auto a = cell_of({.parallel = 2}, 0, 0, 4).figures.level;
    auto b = a;
    a.output_tokens_per_second = 108;
    b.output_tokens_per_second = 152;
    const std::vector<const level_summary*> runs{&a, &b};
    const auto f =
        analyze::over_runs(analyze::sweep_figure_named("output_tokens_per_second"), runs).value();
    CHECK(f.mean == doctest::Approx(130));
    CHECK(f.ci95->low == 0);
    CHECK(f.ci95->high == doctest::Approx(409.5).epsilon(1e-3));
}

TEST_CASE("sweep figure: a share over several runs is one of all their requests") {
    const server_variant v{.parallel = 8};
    auto a = cell_of(v, 0, 0, 4, 0);
    const auto& met = analyze::sweep_figure_named("attainment_percent");
    const auto& errors = analyze::sweep_figure_named("errors_percent");
    a.figures.level.requests = {.offered = 20, .completed = 20};
    a.figures.level.slo->met = 20;
    a.figures.level.slo->attainment = 1;
    // Runs that came to the same share are no proof that it is that exactly.
    const std::vector cells{a, a};
    const auto all = analyze::over_runs(met, cells, 0, 0).value();
    CHECK(all.mean == doctest::Approx(100));
    CHECK(all.ci95->high == doctest::Approx(100));
    CHECK(all.ci95->low == doctest::Approx(91.19).epsilon(1e-4));  // Clopper and Pearson, 40 of 40
    CHECK(all.runs == 2);
    const auto none = analyze::over_runs(errors, cells, 0, 0).value();
    CHECK(none.mean == 0);
    CHECK(none.ci95->high == doctest::Approx(8.81).epsilon(1e-3));
}

TEST_CASE(
    "sweep figure: a quantile that lies beyond all that is known in a run has no mean over runs") {
    const server_variant v{.parallel = 2};
    auto known = cell_of(v, 0, 0, 4).figures.level;
    auto cut = known;
    for (named_metric& m : cut.metrics) {
        if (std::string_view{m.name} == "ttft_ms") m.values->p95 = INFINITY;
    }
    const auto& p95 = analyze::sweep_figure_named("ttft_p95_ms");
    const auto& p50 = analyze::sweep_figure_named("ttft_p50_ms");
    const std::vector<const level_summary*> runs{&known, &cut};
    CHECK(analyze::beyond_runs(p95, runs) == cut.metric("ttft_ms")->max);
    CHECK_FALSE(analyze::beyond_runs(p50, runs).has_value());
    CHECK_FALSE(
        analyze::beyond_runs(analyze::sweep_figure_named("errors_percent"), runs).has_value());
}

TEST_CASE("sweep figure: of a single run too small for it an end of an interval is infinite") {
    auto level = cell_of({.parallel = 4}, 0, 0, 4).figures.level;
    const auto& p95 = analyze::sweep_figure_named("ttft_p95_ms");
    for (named_metric& m : level.metrics) {
        if (std::string_view{m.name} == "ttft_ms") m.values->ci95.p95 = interval{67, INFINITY};
    }
    const std::vector<const level_summary*> runs{&level};
    const auto f = analyze::over_runs(p95, runs).value();
    REQUIRE(f.ci95.has_value());
    CHECK(f.ci95->low == 67);
    CHECK_FALSE(f.ci95->closed());
}

TEST_CASE(
    "sweep figure: a run in which none arrived at a rate counts with what it did, which is "
    "nothing") {
    auto busy = cell_of({.parallel = 4}, 0, 0, 4).figures.level;
    busy.setup.open = open_load{.arrivals = "poisson", .requested_rate = 0.1};
    busy.output_tokens_per_second = 10;
    auto empty = busy;
    empty.requests = {};
    empty.output_tokens_per_second = 0;
    const std::vector<const level_summary*> runs{&busy, &empty};
    const auto rate =
        analyze::over_runs(analyze::sweep_figure_named("output_tokens_per_second"), runs).value();
    CHECK(rate.mean == doctest::Approx(5));
    CHECK(rate.runs == 2);
    const auto errors =
        analyze::over_runs(analyze::sweep_figure_named("errors_percent"), runs).value();
    CHECK(errors.runs == 1);
}
