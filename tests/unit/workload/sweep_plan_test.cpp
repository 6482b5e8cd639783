#include "workload/sweep_plan.hpp"

#include "cli/settings.hpp"
#include "workload/scenario_json.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <tuple>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

scenario grid() {
    scenario s;
    s.sweep.parallel = {1, 2, 4};
    s.sweep.unified_kv = {true, false};
    s.load.concurrency = {stream_count::of_slots(1), stream_count::of_slots(2)};
    return s;
}

std::vector<std::size_t> variants_in_order(const sweep_plan& plan, std::uint32_t run) {
    std::vector<std::size_t> out;
    for (const sweep_cell& c : plan.cells) {
        if (c.run == run && (out.empty() || out.back() != c.variant)) out.push_back(c.variant);
    }
    return out;
}

scenario from_flags(std::vector<workload::assignment> flags) {
    cli::run_options options;
    options.flags = std::move(flags);
    const auto s = cli::effective_settings(options, {});
    if (s.has_error()) FAIL(s.error().message);
    return s->values;
}

}  // namespace

TEST_CASE("sweep plan: a grid has every setting with every load, each as often as it is wanted") {
    scenario s = grid();
    s.sweep.runs = 3;
    const auto plan = workload::plan_sweep(s, {}).value();
    CHECK(plan.variants.size() == 6);
    CHECK(plan.loads == std::vector<std::string>{"1x", "2x"});
    CHECK(plan.cells.size() == 36);
    std::set<std::tuple<std::size_t, std::size_t, std::uint32_t>> all;
    for (const sweep_cell& c : plan.cells) all.insert({c.variant, c.load, c.run});
    CHECK(all.size() == 36);
    CHECK(variant_name(plan.variants[0]) == "parallel 1, unified KV on");
    CHECK(variant_name(plan.variants[5]) == "parallel 4, unified KV off");
    CHECK(workload::changes_of(plan) == 18);
    s.load.duration = 20s;
    s.load.warmup = 5s;
    CHECK(workload::length_of(s, plan) == 36 * 25s);
    s.load.requests = 10;
    CHECK_FALSE(workload::length_of(s, plan).has_value());
}

TEST_CASE("sweep plan: the order is of the seed, anew in each run; or forwards and backwards") {
    scenario s = grid();
    s.sweep.runs = 2;
    const auto one = workload::plan_sweep(s, {}).value();
    CHECK(one.cells == workload::plan_sweep(s, {})->cells);
    CHECK(variants_in_order(one, 0) != variants_in_order(one, 1));
    s.workload.seed = 2;
    CHECK(one.cells != workload::plan_sweep(s, {})->cells);
    s.sweep.order = sweep_order::palindromic;
    const auto palindrome = workload::plan_sweep(s, {}).value();
    CHECK(variants_in_order(palindrome, 0) == std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
    CHECK(std::equal(palindrome.cells.begin(), palindrome.cells.end(), palindrome.cells.rbegin(),
                     [](const sweep_cell& a, const sweep_cell& b) {
                         return a.variant == b.variant && a.load == b.load;
                     }));
}

TEST_CASE("sweep plan: a list has the settings that it names, and no others") {
    scenario s;
    s.sweep.list = {"parallel=8,unified_kv=on", "context_length=4096,flash_attention=true,mode=x"};
    const auto plan = workload::plan_sweep(s, {}).value();
    REQUIRE(plan.variants.size() == 2);
    CHECK(plan.variants[0].parallel == 8);
    CHECK(plan.variants[0].unified_kv == true);
    CHECK(plan.variants[1].context_length == 4096);
    CHECK(plan.variants[1].fields == std::vector<std::pair<std::string, std::string>>{
                                         {"flash_attention", "true"}, {"mode", "\"x\""}});
    for (const char* bad : {"parallel=x", "parallel=0", "unified_kv=maybe", "parallel", "=4"}) {
        CAPTURE(bad);
        s.sweep.list = {bad, "parallel=1"};
        REQUIRE(workload::plan_sweep(s, {}).has_error());
        CHECK(workload::plan_sweep(s, {}).error().code == errc::usage);
    }
}

TEST_CASE("sweep plan: what would have no effect is refused, and nothing is measured twice") {
    const auto refusal = [](const scenario& s, const std::vector<std::string>& models = {}) {
        const auto plan = workload::plan_sweep(s, models);
        return plan.has_error() ? plan.error().message : std::string{};
    };
    scenario listed;
    listed.sweep.list = {"parallel=8", "parallel=4"};
    CHECK(refusal(listed).empty());
    listed.sweep.models = {"a", "b"};
    CHECK(refusal(listed, {"a", "b"}).empty());
    listed.sweep.list.back() = "parallel=4,model=c";
    CHECK(refusal(listed, {"a", "b"}).find("--models beside it would have no effect") !=
          std::string::npos);
    listed.sweep.models.clear();
    listed.sweep.unified_kv = {true};
    CHECK(refusal(listed).find("--unified-kv beside it") != std::string::npos);
    listed.sweep.unified_kv.clear();
    listed.sweep.parallel = {1, 2};
    CHECK(refusal(listed).find("--parallel beside it") != std::string::npos);
    listed.sweep.parallel.clear();
    listed.sweep.list.back() = "parallel=4,parallel=2";
    CHECK(refusal(listed) == "parallel in --setting parallel=4,parallel=2 stands there twice");

    scenario again = grid();
    again.sweep.parallel = {2, 4, 2};
    CHECK(refusal(again) == "the setting \"parallel 2, unified KV on\" stands there twice");
    again = grid();
    again.load.concurrency = {4, 8, 4};
    CHECK(refusal(again) == "the load 4 stands there twice");

    scenario chosen = grid();
    chosen.sweep.only_vision = true;
    CHECK(refusal(chosen).starts_with("--only-vision chooses among the models of --models"));
    chosen.sweep.models = {"a", "b"};
    CHECK(refusal(chosen, {"a"}).empty());

    scenario odd = grid();
    odd.sweep.order = sweep_order::palindromic;
    CHECK(refusal(odd).find("it takes an even number of runs, and --runs is 1") !=
          std::string::npos);
    odd.sweep.runs = 3;
    CHECK_FALSE(refusal(odd).empty());
    odd.sweep.runs = 4;
    CHECK(refusal(odd).empty());
}

TEST_CASE("sweep plan: models, other load settings, and a cold model of one user") {
    scenario s;
    s.sweep.load_fields = {{"eval_batch_size", "256,512"}};
    s.sweep.cold = true;
    s.load.concurrency = {1, 4};
    const auto plan = workload::plan_sweep(s, {"a", "b"}).value();
    CHECK(plan.variants.size() == 8);
    CHECK(plan.cells.size() == 12);  // a cold one is measured by one user only
    for (const sweep_cell& c : plan.cells) {
        if (plan.variants[c.variant].cold) CHECK(plan.loads[c.load] == "1");
    }
    CHECK(variant_name(plan.variants[1]) == "a, eval_batch_size 256, cold");
    s.load.concurrency = {4};
    CHECK(workload::plan_sweep(s, {"a"}).has_error());
}

TEST_CASE("sweep plan: a setting with a flag of its own is not named a second time") {
    for (const char* field : {"parallel", "unified_kv", "context_length", "model"}) {
        CAPTURE(std::string{field});
        scenario s;
        s.sweep.parallel = {1, 2};
        s.sweep.load_fields = {{field, "4"}};
        const auto plan = workload::plan_sweep(s, {});
        REQUIRE(plan.has_error());
        CHECK(plan.error().code == errc::usage);
        CHECK(plan.error().message ==
              "--load-field " + std::string{field} + " is a setting that has a flag of its own");
    }
    scenario s;
    s.sweep.load_fields = {{"context_length", "4096,8192"}};
    CHECK(workload::plan_sweep(s, {}).error().advice ==
          "Write --context-lengths 4096,8192 in its place.");
}

TEST_CASE("sweep plan: a name in a sentence has quotes that differ from those in it") {
    CHECK(workload::quoted_name({.parallel = 2}) == "\"parallel 2\"");
    CHECK(workload::quoted_name({.fields = {{"ctx", "\"nonsense\""}}}) == "'ctx \"nonsense\"'");
}

TEST_CASE("sweep plan: a load setting's value may hold whatever a text may") {
    scenario s;
    s.sweep.load_fields = {{"flash_attention", "a\"b,c\\"}};
    const auto plan = workload::plan_sweep(s, {}).value();
    REQUIRE(plan.variants.size() == 2);
    CHECK(plan.variants[0].fields.front().second == R"("a\"b")");
    CHECK(plan.variants[1].fields.front().second == R"("c\\")");
}

TEST_CASE("sweep plan: one setting and one load are no sweep") {
    const auto none = workload::plan_sweep(scenario{}, {});
    REQUIRE(none.has_error());
    CHECK(none.error().code == errc::usage);
    scenario rates;
    rates.load.arrivals.rates = {0.5, 2};
    CHECK(workload::plan_sweep(rates, {})->loads == std::vector<std::string>{"0.5/s", "2/s"});
}

TEST_CASE("sweep plan: a cell is an ordinary run of one level under its setting") {
    const scenario s = grid();
    const auto plan = workload::plan_sweep(s, {}).value();
    const scenario cell = workload::scenario_of(s, plan, {.variant = 3, .load = 1, .run = 0});
    CHECK(cell.server.parallel == 2);
    CHECK(cell.server.unified_kv == false);
    CHECK(cell.load.concurrency == std::vector<stream_count>{stream_count::of_slots(2)});
    CHECK(cell.output.labels.front() ==
          std::pair<std::string, std::string>{"setting", "parallel 2, unified KV off"});
    // What is stored of it says nothing of a sweep.
    CHECK(workload::to_json(cell).find("\"sweep\"") == std::string::npos);
    CHECK(workload::to_json(s).find("\"sweep\":{\"parallel\":[1,2,4]") != std::string::npos);
}

TEST_CASE("sweep flags: lists as people write them") {
    const scenario s =
        from_flags({{"/sweep/parallel", "\"1,2,16\"", "--parallel"},
                    {"/sweep/unified_kv", "\"on,off\"", "--unified-kv"},
                    {"/sweep/models", "\"a,b\"", "--models"},
                    {"/sweep/load_fields", R"({"flash_attention":"true,false"})", "--load-field"},
                    {"/sweep/list", "\"parallel=2\"", "--setting"},
                    {"/sweep/list", "\"parallel=3\"", "--setting"},
                    {"/sweep/order", "\"palindromic\"", "--order"},
                    {"/sweep/runs", "3", "--runs"},
                    {"/capacity/of", "\"rate\"", "--of"},
                    {"/capacity/step_limit", "\"2m\"", "--step-limit"}});
    CHECK(s.sweep.parallel == std::vector<std::uint64_t>{1, 2, 16});
    CHECK(s.sweep.unified_kv == std::vector<bool>{true, false});
    CHECK(s.sweep.models == std::vector<std::string>{"a", "b"});
    CHECK(s.sweep.load_fields.front().second == "true,false");
    CHECK(s.sweep.list == std::vector<std::string>{"parallel=2", "parallel=3"});
    CHECK(s.sweep.order == sweep_order::palindromic);
    CHECK(s.sweep.runs == 3);
    CHECK(s.capacity.rate);
    CHECK(s.capacity.step_limit == 2min);
    scenario again;
    REQUIRE(workload::read_scenario(workload::to_json(s), "stored", again).has_value());
    CHECK(workload::to_json(again) == workload::to_json(s));
    for (const char* bad : {"\"1,0\"", "\"1,x\"", "\"\"", "[]", "-1"}) {
        CAPTURE(bad);
        cli::run_options options;
        options.flags = {{"/sweep/parallel", bad, "--parallel"}};
        CHECK(cli::effective_settings(options, {}).has_error());
    }
}
