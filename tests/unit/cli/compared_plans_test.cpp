#include "cli/compared_plans.hpp"

#include "cli/compared_sides.hpp"
#include "support/child_process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace lmstress;

namespace {

cli::side_plan plan_of(const char* url, const char* model = "lab/one") {
    cli::side_plan p;
    p.setup.scenario_json =
        std::string{R"({"target":{"api":"lmstudio","model":")"} + model + "\"}}";
    p.levels.apis = {"lmstudio"};
    p.levels.load.concurrency = {4};
    p.target.url = url;
    p.target.api = "lmstudio";
    p.target.model = model;
    return p;
}

cli::side_plan with_multiples(cli::side_plan p) {
    p.levels.load.concurrency = {stream_count::of_slots(2)};
    return p;
}

}  // namespace

TEST_CASE("compare plans: where no level is common, nothing is said of what could be forced") {
    const auto a = plan_of("http://a", "lab/one");
    auto b = plan_of("http://b", "lab/other");
    const auto forceable = cli::check_plans(a, b, false, {});
    REQUIRE(forceable.has_error());
    CHECK(forceable.error().message.starts_with("A and B are not of the same work: "));
    CHECK(forceable.error().advice.find("--force") != std::string::npos);
    CHECK(cli::check_plans(a, b, true, {}).has_value());
    b.levels.load.concurrency = {8};
    for (const bool force : {false, true}) {
        const auto apart = cli::check_plans(a, b, force, "results/x");
        REQUIRE(apart.has_error());
        CHECK(apart.error().message ==
              "A and B have no level in common: A: 4 streams over lmstudio; B: 8 streams over "
              "lmstudio");
        CHECK(apart.error().advice ==
              "Give both the same API and the same load; what was measured is in results/x");
    }
}

TEST_CASE("compare plans: servers are asked first only for what could part the sides") {
    const auto a = plan_of("http://a");
    const auto b = plan_of("http://b");
    CHECK_FALSE(cli::is_open_until_asked(a, b));
    // Multiples of slots that nobody named; those that are named are known.
    CHECK(cli::is_open_until_asked(with_multiples(a), with_multiples(b)));
    auto of_four = with_multiples(a);
    auto of_eight = with_multiples(b);
    of_four.levels.slots = 4;
    CHECK(cli::is_open_until_asked(of_four, of_eight));
    of_eight.levels.slots = 8;
    CHECK_FALSE(cli::is_open_until_asked(of_four, of_eight));
    // One server, of which nothing is wanted that it would have other slots by.
    CHECK_FALSE(cli::is_open_until_asked(with_multiples(a), with_multiples(a)));
    auto unified = with_multiples(a);
    unified.server.unified_kv = true;
    CHECK(cli::is_open_until_asked(with_multiples(a), unified));
    auto open_loop = with_multiples(b);
    open_loop.levels.load.arrivals.rates = {2};
    CHECK_FALSE(cli::is_open_until_asked(a, open_loop));
}

TEST_CASE("compare plans: a model or an API that nobody named is asked for, of two servers") {
    const auto named = plan_of("http://a");
    CHECK(cli::is_open_until_asked(named, plan_of("http://b", "")));
    CHECK_FALSE(cli::is_open_until_asked(plan_of("http://a", ""), plan_of("http://a", "")));
    CHECK(cli::is_open_until_asked(named, plan_of("http://a", "")));
    auto any_api = plan_of("http://b");
    any_api.target.api = "auto";
    any_api.levels.apis.clear();
    CHECK(cli::is_open_until_asked(named, any_api));
    // The same place, but a program of its own.
    auto started = plan_of("http://a", "");
    started.server.command = "llama-server -m x.gguf";
    CHECK(cli::is_open_until_asked(plan_of("http://a", ""), started));
}

TEST_CASE("compare: of a program that is not there nothing is left behind") {
    const test::temporary_directory here;
    const std::string out = (here.path() / "out").string();
    cli::compare_options options;
    options.a = "server.parallel=2";
    options.b = "server.parallel=4";
    options.of.sets = {{"/server/command", "\"./no-such-program --port {port}\"", "--set"},
                       {"/output/directory", '"' + out + '"', "--set"}};
    options.of.quiet = true;
    cli::measured_sides into{.sides = {cli::compared_side{"A", {}}, cli::compared_side{"B", {}}}};
    const auto measured =
        cli::measure_sides(options, into, [](std::uint32_t) { return result<void>{}; });
    REQUIRE(measured.has_error());
    CHECK(measured.error().message ==
          "--server-command cannot start ./no-such-program: there is no such program");
    CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("compare plans: a setting that the sides differ in and that cannot be set is refused") {
    auto a = plan_of("http://a");
    auto b = plan_of("http://a");
    a.server.unified_kv = true;
    b.server.unified_kv = false;
    a.unset = {{"unified_kv", "the server opens no WebSocket"}};
    const auto refused = cli::check_set("A", a, b);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == errc::refused);
    CHECK(refused.error().message ==
          "A was not measured: server.unified_kv=true cannot be set, as the server opens no "
          "WebSocket");
    // What both want alike tells them not apart, and the run says that it is not confirmed.
    b.server.unified_kv = true;
    CHECK(cli::check_set("A", a, b).has_value());
    b.server.unified_kv.reset();
    CHECK(cli::check_set("A", a, b).has_error());
    // What two servers were started with, their users know.
    b.target.url = "http://b";
    CHECK(cli::check_set("A", a, b).has_value());
    a.loads_models = true;
    CHECK(cli::check_set("A", a, b).has_error());
}
