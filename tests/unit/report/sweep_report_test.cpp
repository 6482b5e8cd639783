#include "report/sweep_report.hpp"

#include "report/capacity_report.hpp"
#include "report/text_table.hpp"
#include "report/time_text.hpp"
#include "support/child_process.hpp"
#include "support/golden.hpp"
#include "support/json_schema.hpp"
#include "support/swept.hpp"
#include "support/virtual_level.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

using namespace lmstress;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

report::sweep_report sweep_of(const std::vector<server_variant>& variants,
                              std::uint64_t context_length, const std::string& api = "lmstudio") {
    report::sweep_report r{.plan = {.variants = variants, .loads = {"1x", "2x"}, .cells = {}},
                           .scenario_json = "{}"};
    for (std::size_t v = 0; v < variants.size(); ++v) {
        for (std::uint32_t times = 1; times <= 2; ++times) {
            test::virtual_setup setup;
            setup.scenario.target.api = api;
            const auto slots = static_cast<std::uint32_t>(variants[v].parallel.value_or(4));
            setup.server.engine.parallel = slots;
            setup.server.engine.unified_kv = variants[v].unified_kv.value_or(true);
            setup.server.engine.context_length = context_length;
            setup.scenario.load.concurrency = {times * slots};
            setup.scenario.load.duration = 20s;
            setup.scenario.workload.max_tokens = 64;
            setup.scenario.workload.synthetic = token_lengths{.a = 300};
            setup.scenario.workload.calibrate = false;
            setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 500ms;
            r.cells.push_back({.cell = {v, times - 1, 0},
                               .directory = "cells/001",
                               .figures = analyze::figures_of(test::virtual_level(setup), 64, 1)});
        }
    }
    return r;
}

const std::vector<server_variant> four = {{.parallel = 2, .unified_kv = true},
                                          {.parallel = 2, .unified_kv = false},
                                          {.parallel = 4, .unified_kv = true},
                                          {.parallel = 4, .unified_kv = false}};

}  // namespace

TEST_CASE("sweep report: tables of settings by loads, what the server did, and the best") {
    const auto r = sweep_of(four, 100'000);
    test::check_golden("sweep.txt", report::sweep_text(r));
    test::check_golden("sweep-80.txt", report::sweep_text(r, 80));
    CHECK(report::widest_line(report::sweep_text(r, 80)) <= 80);
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/sweep.schema.json")};
    CHECK(schema.error_in(boost::json::parse(report::sweep_json(r))) == "");
}

TEST_CASE("sweep report: a full context, a setting that is not in force, and no cell at all") {
    auto r = sweep_of({{.parallel = 4, .unified_kv = true}}, 1400);
    r.plan.variants[0].parallel = 8;
    r.cells.back().figures.level.setup.server.parallel.confirmed = 4;
    const std::string text = report::sweep_text(r, 200);
    CAPTURE(text);
    CHECK(
        text.find("NOT IN FORCE  parallel 8, unified KV on, 8 streams: the server says parallel 4 "
                  "and not 8.") != std::string::npos);
    CHECK(text.find("the pool of the KV cache was full when 4 streams wanted ") !=
          std::string::npos);
    // LM Studio's own API does not tell why an answer ended.
    const auto other = sweep_of({{.parallel = 4, .unified_kv = false}}, 1400, "openai-chat");
    CHECK(
        report::sweep_text(other, 200).find("ended where their context was full, at 350 tokens.") !=
        std::string::npos);
    r.cells.clear();
    CHECK(report::sweep_text(r) ==
          "1 setting of the server, 2 loads, 1 run of each\n\nNo cell was measured.\n");
}

TEST_CASE("sweep report: a threshold that fails is named with the cells in which it does") {
    auto r = sweep_of({{.parallel = 2}, {.parallel = 4}}, 100'000);
    r.thresholds = {"ttft_ms.p50 < 500", "ttft_ms.p50 < 60000", "ttft_ms.p99 < 60000"};
    const std::string text = report::sweep_text(r, 200);
    CAPTURE(text);
    CHECK(text.find("Threshold: ttft_ms.p50 < 500 fails in 2 of 4 cells, the first of them "
                    "parallel 2, 4 streams (1141).\n") != std::string::npos);
    CHECK(text.find("Threshold: ttft_ms.p50 < 60000 passes in every cell.\n") != std::string::npos);
    CHECK(
        text.find("Threshold: ttft_ms.p99 < 60000 is undecided in 4 of 4 cells, the first of them "
                  "parallel 2, 2 streams") != std::string::npos);
}

TEST_CASE("sweep report: prompts that did not fit and answers that ended are told apart") {
    auto r = sweep_of({{.parallel = 2}}, 100'000);
    const auto told = [&](analyze::context_limit limit) {
        r.cells.front().figures.limited = limit;
        return report::sweep_text(r, 200);
    };
    CHECK(told({.answers = 21, .prompts = 3, .tokens = 350})
              .find("parallel 2, 2 streams: 21 answers ended where their context was full, at 350 "
                    "tokens. 3 prompts did not fit the context of a stream.\n") !=
          std::string::npos);
    CHECK(told({.answers = 1, .tokens = 350})
              .find("1 answer ended where its context was full, at 350 tokens.\n") !=
          std::string::npos);
    CHECK(told({.prompts = 1}).find("2 streams: 1 prompt did not fit the context of a stream.\n") !=
          std::string::npos);
}

TEST_CASE("sweep report: a server that was busy before a cell is told above the tables") {
    auto r = sweep_of({{.parallel = 2}}, 100'000);
    CHECK(report::sweep_text(r, 200).find("BUSY") == std::string::npos);
    r.cells.back().server_busy = true;
    const std::string text = report::sweep_text(r, 200);
    const std::size_t at = text.find("BUSY  1 of 2 cells, the first of them parallel 2, 4 streams");
    CHECK(at < text.find("throughput, output tokens/s"));
    const json::value all = json::parse(report::sweep_json(r));
    CHECK_FALSE(all.at("cells").at(0).at("server_busy").as_bool());
    CHECK(all.at("cells").at(1).at("server_busy").as_bool());
}

TEST_CASE("sweep report: a cell at which nothing arrived has no errors") {
    auto r = sweep_of({{.parallel = 2}}, 100'000);
    r.cells.front().figures.level.requests = {};
    const std::string text = report::sweep_text(r, 200);
    CHECK(text.find("No request failed or timed out.") != std::string::npos);
    CHECK(text.find("errors, %") == std::string::npos);
}

TEST_CASE("waterfall: a line for each request, its parts in their order") {
    const std::vector<analyze::request_phases> all{{.index = 1,
                                                    .begin = 0s,
                                                    .queue = 0s,
                                                    .load = 0s,
                                                    .prefill = 1s,
                                                    .decode = 3s,
                                                    .unknown = 0s},
                                                   {.index = 2,
                                                    .begin = 1s,
                                                    .queue = 3s,
                                                    .load = 0s,
                                                    .prefill = 1s,
                                                    .decode = 3s,
                                                    .unknown = 0s}};
    CHECK(report::waterfall(all) ==
          "2 of 2 requests, over 8.00 s:\n"
          ". queue, L load of the model, p prefill, = decode, ? queue or prefill\n"
          "     1 ppppppppp===========================\n"
          "     2          ...........................ppppppppp===========================\n");
    CHECK(report::waterfall(all, 1).starts_with("1 of 2 requests, over 4.00 s"));
    CHECK(report::waterfall({}) == "no request brought a token\n");
}

TEST_CASE("spark line: the highest is a full bar") {
    CHECK(report::spark_line({0, 1, 2, 4}, 4, 4) == " ▂▄█");
    CHECK(report::spark_line({1, 3}, 4, 1) == "▄");
    CHECK(report::spark_line({}, 4, 4).empty());
}

TEST_CASE("time text: no finer than one cares") {
    CHECK(report::time_text(3600ms) == "3.6 s");
    CHECK(report::time_text(48s) == "48 s");
    CHECK(report::time_text(750s) == "12 min 30 s");
    CHECK(report::time_text(2h + 5min + 20s) == "2 h 5 min");
    CHECK(report::time_text(1h) == "1 h");
}

TEST_CASE("capacity report: the answer, the steps, the law and what limits") {
    report::capacity_report r{.scenario_json = "{}",
                              .objective = "ttft<500ms in 95 % of the requests"};
    for (const std::uint32_t n : {1U, 2U, 4U, 8U, 6U, 5U}) {
        test::virtual_setup setup;
        setup.server.engine.context_length = 100'000;
        setup.scenario.load.concurrency = {n};
        setup.scenario.load.duration = 30s;
        setup.scenario.workload.max_tokens = 64;
        setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::ttft)] = 500ms;
        setup.scenario.limits.slo.below[static_cast<std::size_t>(slo_metric::tpot)] = 1s;
        analyze::capacity_step step;
        step.load = static_cast<double>(n);
        step.pieces = 1;
        step.length = 30s;
        step.level = test::virtual_level(setup);
        step.verdict = analyze::judge_attainment(step.level, 0.95).verdict;
        r.steps.push_back(std::move(step));
        r.directories.push_back("steps/001");
    }
    r.found.low = analyze::capacity_search::end{4, analyze::step_verdict::holds, true};
    r.found.high = analyze::capacity_search::end{5, analyze::step_verdict::fails, true};
    r.law = analyze::fit_scaling_law(analyze::load_points(r.steps), 1);
    r.limit = analyze::what_limits(r.steps.back().level);
    test::check_golden("capacity.txt", report::capacity_text(r));
    test::check_golden("capacity-80.txt", report::capacity_text(r, 80));
    CHECK(report::widest_line(report::capacity_text(r, 80)) <= 80);
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/capacity.schema.json")};
    CHECK(schema.error_in(boost::json::parse(report::capacity_json(r))) == "");
    r.found.high->verdict = analyze::step_verdict::undecided;
    CHECK(report::capacity_answer(r).find("is undecided (tested") != std::string::npos);
    r.found.low.reset();
    CHECK(report::capacity_answer(r).starts_with("Capacity: not known; "));
    r.found.high->verdict = analyze::step_verdict::fails;
    CHECK(report::capacity_answer(r).starts_with("Capacity: less than 5 users"));
    r.found = {.low = analyze::capacity_search::end{8, analyze::step_verdict::holds, true},
               .high = std::nullopt};
    CHECK(report::capacity_answer(r).starts_with("Capacity: at least 8 users"));
}

TEST_CASE("capacity report: a load that fails is the answer where what is below is undecided") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft<1s in 95 % of them"};
    const auto step = [&](double load, analyze::step_verdict verdict) {
        analyze::capacity_step s{.load = load, .verdict = verdict, .level = {}};
        s.pieces = 1;
        r.steps.push_back(std::move(s));
    };
    using analyze::step_verdict;
    for (const double load : {1.0, 2.0, 4.0}) step(load, step_verdict::undecided);
    step(8, step_verdict::fails);
    step(8, step_verdict::fails);
    r.found.high = analyze::capacity_search::end{8, step_verdict::fails, true};
    r.invalid = "the event loop was late";
    r.out_of_time = true;
    CHECK(report::capacity_answer(r) ==
          "Capacity: less than 8 users hold ttft<1s in 95 % of them (tested twice); whether 4 "
          "users do is undecided (tested once). Each verdict is one with 95 % confidence. INVALID: "
          "the event loop was late. The time was over (--max-time) before the bracket was as "
          "narrow as it could be.");
    CHECK(report::undecided_below(r)->load == 4);
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/capacity.schema.json")};
    const json::value all = json::parse(report::capacity_json(r));
    CHECK(schema.error_in(all) == "");
    CHECK(all.at("undecided_below").at("load").to_number<double>() == 4);
    CHECK(all.at("high").at("verdict").as_string() == "fails");
    // Nothing follows the table: it ends with its last line.
    CHECK_FALSE(report::capacity_text(r).ends_with("\n\n"));
    r.steps[2].verdict = step_verdict::fails;
    CHECK_FALSE(report::undecided_below(r).has_value());
    CHECK(report::capacity_answer(r).find("does not hold even there") != std::string::npos);
}

TEST_CASE("capacity report: beyond a load that stays undecided the one that fails is named too") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft<1s in 95 % of them"};
    using analyze::step_verdict;
    const auto step = [&](double load, step_verdict verdict) {
        analyze::capacity_step s{.load = load, .verdict = verdict, .level = {}};
        s.pieces = 1;
        r.steps.push_back(std::move(s));
    };
    step(2, step_verdict::holds);
    step(4, step_verdict::undecided);
    step(8, step_verdict::fails);
    step(6, step_verdict::fails);
    r.found = {.low = analyze::capacity_search::end{2, step_verdict::holds, true},
               .high = analyze::capacity_search::end{4, step_verdict::undecided, false}};
    CHECK(report::failed_above(r)->load == 6);
    CHECK(report::capacity_answer(r).starts_with(
        "Capacity: 2 users hold ttft<1s in 95 % of them (tested twice); whether 4 users do is "
        "undecided (tested once); 6 users do not (tested once)."));
    const test::json_schema schema{
        test::content_of(PROJECT_DIRECTORY "/docs/schema/capacity.schema.json")};
    const json::value all = json::parse(report::capacity_json(r));
    CHECK(schema.error_in(all) == "");
    CHECK(all.at("failed_above").at("load").to_number<double>() == 6);
    // Tested again it was not sure any more.
    step(6, step_verdict::undecided);
    CHECK(report::failed_above(r)->load == 8);
    r.found.high->verdict = step_verdict::fails;
    CHECK_FALSE(report::failed_above(r).has_value());
}

TEST_CASE("sweep report: settings with long names have a number in the tables, and fit the page") {
    report::sweep_report r{.plan = {}, .scenario_json = "{}"};
    const auto fields = [](std::string_view offload) {
        return decltype(server_variant::fields){{"flash_attention", "true"},
                                                {"offload_kv_cache_to_gpu", std::string{offload}},
                                                {"eval_batch_size", "512"}};
    };
    for (const std::string_view offload : {"true", "false"}) {
        r.plan.variants.push_back({.parallel = 4, .unified_kv = true, .fields = fields(offload)});
    }
    const auto s = test::sweep({4, 4}, {4, 8});
    r.plan.loads = s.plan.loads;
    r.cells = s.cells;
    const std::string text = report::sweep_text(r, 80);
    CAPTURE(text);
    CHECK(report::widest_line(text) <= 80);
    CHECK(text.find("\n#1   " + variant_name(r.plan.variants[0]).substr(0, 40)) !=
          std::string::npos);
    CHECK(text.find("\n#2  ") != std::string::npos);
    // On a wide terminal they stand where they belong.
    CHECK(report::sweep_text(r, 300).find("#1") == std::string::npos);
}

TEST_CASE("capacity report: a step that was cut, or measured on a busy server, is marked") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft<1s"};
    analyze::capacity_step cut{.load = 1, .level = {}};
    cut.pieces = 1;
    cut.cut_short = true;
    r.steps.push_back(cut);
    analyze::capacity_step busy{.load = 2, .verdict = analyze::step_verdict::fails, .level = {}};
    busy.pieces = 1;
    busy.server_busy = true;
    r.steps.push_back(busy);
    const std::string text = report::capacity_text(r, 200);
    CAPTURE(text);
    CHECK(text.find("undecided, cut") != std::string::npos);
    CHECK(text.find("fails, busy") != std::string::npos);
    CHECK(text.find("cut: it was not measured on, for the time was over (--max-time)") !=
          std::string::npos);
    CHECK(text.find("busy: the server was not idle before it (--idle-timeout)") !=
          std::string::npos);
    const json::value all = json::parse(report::capacity_json(r));
    CHECK(all.at("steps").at(0).at("cut_short").as_bool());
    CHECK(all.at("steps").at(1).at("server_busy").as_bool());
    r.steps.pop_back();
    CHECK(report::capacity_text(r, 200).find("busy") == std::string::npos);
}

TEST_CASE("capacity report: a search that was ended says so, and what it does not know") {
    report::capacity_report r{.scenario_json = "{}",
                              .objective = "ttft_ms.p95 < 50",
                              .ended_early = "It was interrupted in step 2."};
    CHECK(report::capacity_answer(r) ==
          "Capacity: not known; nothing was measured. It was interrupted in step 2.");
    analyze::capacity_step step{.load = 1, .level = {}};
    step.level.summary.slo.emplace();
    r.steps.push_back(step);
    CHECK(report::capacity_answer(r) ==
          "Capacity: not known; of 1 step none was decided. It was interrupted in step 2.");
    const std::string text = report::capacity_text(r);
    CAPTURE(text);
    // Of no request there is no share.
    CHECK(text.find("0.0 %") == std::string::npos);
    CHECK(text.find("What limits") == std::string::npos);
}

TEST_CASE("capacity report: what limits is said where a load failed, by the bound that it broke") {
    report::capacity_report r{.scenario_json = "{}", .objective = "ttft_ms.p95 < 50"};
    r.thresholds = {"tpot_ms.p50 < 100000", "ttft_ms.p95 < 50"};
    test::virtual_setup setup;
    setup.server.engine.context_length = 100'000;
    setup.scenario.load.concurrency = {16};
    setup.scenario.load.duration = 20s;
    analyze::capacity_step step{.load = 16, .level = test::virtual_level(setup)};
    step.verdict = analyze::step_verdict::fails;
    step.last = step.level;
    r.steps.push_back(step);
    r.found.high = analyze::capacity_search::end{16, analyze::step_verdict::fails, true};
    report::conclude_capacity(r, 1);
    REQUIRE(r.limit.has_value());
    CHECK(r.limit->is == analyze::limit::slots);
    // Also where the smallest load that fails is not an end of the bracket, which is undecided.
    r.limit.reset();
    r.found.high = analyze::capacity_search::end{8, analyze::step_verdict::undecided, false};
    r.steps.push_back({.load = 8, .verdict = analyze::step_verdict::undecided, .level = {}});
    report::conclude_capacity(r, 1);
    REQUIRE(r.limit.has_value());
    CHECK(r.limit->is == analyze::limit::slots);
    r.limit.reset();
    r.steps.front().verdict = analyze::step_verdict::undecided;
    report::conclude_capacity(r, 1);
    CHECK_FALSE(r.limit.has_value());
}
