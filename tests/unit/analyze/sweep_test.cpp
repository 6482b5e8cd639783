#include "analyze/sweep.hpp"

#include "support/virtual_level.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string_view>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

analyze::measured_cell cell_of(const server_variant& v, std::size_t variant, std::size_t load,
                               std::uint32_t streams, std::uint32_t run = 0) {
    test::virtual_setup setup;
    setup.server.engine.parallel = static_cast<std::uint32_t>(v.parallel.value_or(4));
    setup.server.engine.unified_kv = v.unified_kv.value_or(true);
    setup.server.engine.context_length = 1'000'000;
    setup.scenario.load.concurrency = {streams};
    setup.scenario.load.duration = 30s;
    setup.scenario.workload.max_tokens = 32;
    setup.scenario.workload.seed = 1 + run;
    setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 400ms;
    return {.cell = {variant, load, run},
            .directory = "cells/001",
            .figures = analyze::figures_of(test::virtual_level(setup), 32, 1)};
}

struct swept {
    sweep_plan plan;
    std::vector<analyze::measured_cell> cells;
};

swept sweep(const std::vector<std::uint64_t>& parallel, std::vector<std::uint32_t> streams) {
    swept out;
    for (const std::uint32_t n : streams) out.plan.loads.push_back(std::to_string(n));
    for (std::size_t v = 0; v < parallel.size(); ++v) {
        out.plan.variants.push_back({.parallel = parallel[v]});
        for (std::size_t load = 0; load < streams.size(); ++load) {
            out.cells.push_back(cell_of(out.plan.variants.back(), v, load, streams[load]));
        }
    }
    return out;
}

}  // namespace

TEST_CASE("sweep: the parallelism that was set is the one that is seen, where the load shows it") {
    for (const bool unified : {true, false}) {
        for (const std::uint32_t n : {1U, 2U, 4U, 8U, 16U}) {
            CAPTURE(unified);
            CAPTURE(n);
            const server_variant v{.parallel = n, .unified_kv = unified};
            const auto cell = cell_of(v, 0, 0, 2 * n);
            CHECK(analyze::shown_parallel({&cell, 1}, 0) == n);
            CHECK(cell.figures.batch->in_slots == n);
            CHECK(analyze::not_in_force(v, cell.figures).empty());
            const auto few = cell_of(v, 0, 0, n);
            CHECK_FALSE(analyze::shown_parallel({&few, 1}, 0).has_value());
            CHECK(analyze::not_in_force(v, few.figures).empty());
        }
    }
}

TEST_CASE(
    "sweep: a setting that did not take effect is told, by the server's word or by the data") {
    auto cell = cell_of({.parallel = 4}, 0, 0, 8);
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures).empty());
    // It does not say, and runs four at once: eight clients do not show what sixteen do.
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
    CHECK(analyze::not_in_force({.parallel = 8}, cell_of({.parallel = 4}, 0, 0, 16).figures) ==
          std::vector<std::string>{"4 streams decode at once and not 8"});
    CHECK(analyze::not_in_force({.parallel = 2}, cell.figures).size() == 1);
    server_settings& said = cell.figures.level.setup.server;
    said.parallel.confirmed = 8;
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures) ==
          std::vector<std::string>{"the server says parallel 8 and not 4"});
    said.unified_kv.confirmed = false;
    said.context_length.confirmed = 2048;
    CHECK(analyze::not_in_force({.unified_kv = true, .context_length = 4096}, cell.figures) ==
          std::vector<std::string>{"the server has a unified KV cache off and not on",
                                   "the server says a context of 2048 tokens and not 4096"});
    // llama.cpp tells the context of one slot: its share, where there is no pool.
    said = {};
    said.parallel = {4, 4, llama_cpp_props};
    said.context_length = {{}, 2048, llama_cpp_props};
    const auto otherwise = [&](bool unified, std::uint64_t context) {
        return analyze::not_in_force(
            {.parallel = 4, .unified_kv = unified, .context_length = context}, cell.figures);
    };
    CHECK(otherwise(false, 8192).empty());
    CHECK(otherwise(true, 2048).empty());
    CHECK(
        otherwise(false, 16384) ==
        std::vector<std::string>{"the server says a context of 2048 tokens in a slot and not 4096 "
                                 "that are a slot's share of the 16384"});
    CHECK(otherwise(true, 8192) ==
          std::vector<std::string>{
              "the server says a context of 2048 tokens in a slot and not 8192"});
}

TEST_CASE("sweep: a setting that is not in force is not the best one, and no other's reason") {
    swept s = sweep({2, 4}, {4, 8});
    for (auto& c : s.cells) c.figures.level.slo.reset();
    REQUIRE(analyze::best_of(s.plan, s.cells, 0.95)->variant == 1);
    for (auto& c : s.cells) {
        if (c.cell.variant == 1) c.figures.level.setup.server.parallel.confirmed = 3;
    }
    const auto best = analyze::best_of(s.plan, s.cells, 0.95).value();
    CHECK(best.variant == 0);
    CHECK(best.sentence.find("parallel 4") == std::string::npos);
    for (auto& c : s.cells) c.figures.level.setup.server.parallel.confirmed = 3;
    CHECK_FALSE(analyze::best_of(s.plan, s.cells, 0.95).has_value());
}

TEST_CASE("sweep: a server that runs one stream at once decodes it") {
    const auto cell = cell_of({.parallel = 1}, 0, 0, 8);
    CHECK(analyze::not_in_force({.parallel = 4}, cell.figures) ==
          std::vector<std::string>{"1 stream decodes at once and not 4"});
}

TEST_CASE("sweep: a cell that asked nothing has no figures") {
    auto cell = cell_of({.parallel = 1}, 0, 0, 1);
    cell.figures.level.requests = {};
    cell.figures.level.output_tokens_per_second = 0;
    const auto& rate = analyze::sweep_figure_named("output_tokens_per_second");
    CHECK_FALSE(analyze::over_runs(rate, {&cell, 1}, 0, 0).has_value());
}

TEST_CASE("sweep: a figure over several runs has an interval over runs") {
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

TEST_CASE("sweep: a share over several runs is one of all their requests") {
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

TEST_CASE("sweep: a quantile that lies beyond all that is known in a run has no mean over runs") {
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

TEST_CASE("sweep: of a single run too small for it an end of an interval is infinite") {
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
    "sweep: the best setting serves the most users within the SLO, and the sentence says why") {
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

TEST_CASE("sweep: a setting that is compared by other users than the best names them") {
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

TEST_CASE("sweep: without an SLO that holds the best has the most output, and that is said") {
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

TEST_CASE("sweep: a share beside its bound is on the bound's side that it is on") {
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

TEST_CASE("sweep: whichever setting is named, that its run is not valid is said") {
    swept s = sweep({2, 4}, {32});
    for (auto& c : s.cells) c.invalid = "the event loop was late";
    const auto none = analyze::best_of(s.plan, s.cells, 0.95).value();
    CAPTURE(none.sentence);
    REQUIRE(none.sentence.starts_with("No setting has "));
    CHECK(none.sentence.find("(by an INVALID run) with 32 users comes nearest") !=
          std::string::npos);
    CHECK(none.sentence.find("; parallel 2 (by an INVALID run) has ") != std::string::npos);
}

TEST_CASE("sweep: what settings differ by no more than by their runs is told as no change") {
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

TEST_CASE(
    "sweep: a run in which none arrived at a rate counts with what it did, which is nothing") {
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

TEST_CASE("sweep: what requests show of the slots outweighs what the server says of its settings") {
    auto cell = cell_of({.parallel = 4}, 0, 0, 16);
    cell.figures.level.setup.server.parallel.confirmed = 8;
    REQUIRE(cell.figures.batch->in_slots == 4);
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures) ==
          std::vector<std::string>{"4 streams decode at once and not 8"});
    // Where more have a slot than decode, long prompts are processed one by one.
    cell.figures.batch->in_slots = 6;
    CHECK(analyze::not_in_force({.parallel = 8}, cell.figures).empty());
}
