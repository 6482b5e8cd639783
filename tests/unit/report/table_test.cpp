#include "report/table.hpp"

#include "lmstress/version.hpp"
#include "support/golden.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;

namespace {

distribution spread(double p50, double p95) {
    return {
        .count = 100,
        .mean = p50,
        .min = p50 / 2,
        .p50 = p50,
        .p90 = p95 * 0.9,
        .p95 = p95,
        .p99 = p95 * 1.1,
        .max = p95 * 1.2,
        .ci95 = {.p50 = interval{p50 * 0.98, p50 * 1.03}, .p95 = interval{p95 * 0.9, p95 * 1.1}}};
}

sparse_histogram all_of(nanoseconds value, std::uint32_t n) {
    sparse_histogram h;
    h.record(value, n);
    return h;
}

level_summary level(std::uint32_t concurrency, double slower) {
    level_summary s;
    s.setup = test::level_setup_of(0, concurrency);
    s.setup.server.parallel = {{}, 4, "GET /api/v1/models"};
    s.setup.server.context_length = {{}, 8192, "GET /api/v1/models"};
    s.setup.server.unified_kv = {{}, true, "SDK getLoadConfig"};
    s.answered_by = s.setup.target.model;
    s.requests = {.offered = 120, .completed = 120};
    s.metrics = {{"queue_ms", spread(0.5 * slower, 2 * slower)},
                 {"ttft_ms", spread(107.25 * slower, 180.5 * slower)},
                 {"itl_ms", spread(13.004 * slower, 21.5 * slower)},
                 {"e2e_ms", spread(2512 * slower, 3204 * slower)},
                 {"stream_tokens_per_second", spread(76.9 / slower, 78.2 / slower)}};
    s.tokens = {.input = 4800, .output = 15'360, .source = "server"};
    s.tokens_per_event = 1.0;
    s.window_seconds = 30;
    s.output_tokens_per_second = 75.25 * concurrency / slower;
    s.requests_per_second = 4;
    s.kernel_stamps = 15'600;
    s.events = 15'360;
    s.course.client =
        client_figures{.cpu = std::chrono::milliseconds{static_cast<int>(2000 * slower)},
                       .wall = 40s,
                       .max_rss_bytes = 24'000'000,
                       .read_lag = all_of(70us, 15'600),
                       .loop_lag = all_of(110us, 3000)};
    s.metrics.push_back({"round_trip_ms", spread(0.04, 0.09)});
    s.network = network_figures{.requests = 120};
    return s;
}

run_summary run(std::vector<level_summary> levels) {
    run_summary r;
    r.setup.id = "20260101-120000-abcd";
    r.levels = std::move(levels);
    r.exit_code = 0;
    return r;
}

run_summary ordinary() {
    run_summary r = run({level(1, 1), level(4, 1.6), level(16, 8)});
    double share = 1;
    for (level_summary& l : r.levels) {
        l.slo = slo_summary{.met = 120,
                            .attainment = share,
                            .ci95 = interval{share * 0.9, share},
                            .goodput_per_second = 4 * share,
                            .clauses = {{"ttft", 2000, 120, share}, {"tpot", 50, 120, 1}}};
        share *= 0.7;
    }
    return r;
}

/// Two rates: one that the server carries, and one that it does not.
run_summary open_loop() {
    run_summary r = run({level(16, 1), level(16, 20)});
    r.levels[0].setup.open = open_load{"poisson", 2, true};
    r.levels[1].setup.open = open_load{"poisson", 12.5, true};
    r.levels[0].load = load_figures{.achieved_rate = 1.98,
                                    .in_flight_mean = 0.71,
                                    .in_flight_max = 4,
                                    .in_flight_growth = 0.1,
                                    .littles_residual = 0.0001};
    r.levels[1].load = load_figures{.achieved_rate = 4.1,
                                    .in_flight_mean = 12.25,
                                    .in_flight_max = 16,
                                    .in_flight_growth = 9.5,
                                    .grows = true,
                                    .littles_residual = 0.0001,
                                    .shed_late = 2};
    r.levels[1].requests = {.offered = 375, .completed = 123, .shed = 252};
    for (level_summary& l : r.levels) {
        const distribution felt = *l.metric("ttft_ms");
        l.metrics.push_back({"ttft_intended_ms", spread(felt.p50 + 0.4, felt.p95 + 0.9)});
        l.metrics.push_back({"e2e_intended_ms", spread(felt.p50 * 30, felt.p95 * 30)});
        l.slo = slo_summary{.met = 100,
                            .attainment = 0.5,
                            .ci95 = interval{0.4, 0.6},
                            .goodput_per_second = 3.3,
                            .clauses = {{"ttft", 2000, 100, 0.5}}};
    }
    return r;
}

run_summary troubled() {
    level_summary s = level(4, 1.6);
    s.itl_is_average = true;
    // So many were cut that a twentieth of the longest is not known, and ITL is of too few
    // requests.
    s.metrics[1].values->p95 = std::numeric_limits<double>::infinity();
    s.metrics[1].values->ci95.p95.reset();
    s.metrics[2].values->ci95 = {};
    s.tokens_per_event = 2.5;
    s.requests = {.offered = 120, .completed = 100, .failed = 12, .timed_out = 3, .censored = 5};
    s.errors = {{"engine_failed",
                 {12,
                  "HTTP 400: The model has crashed without additional information. (Exit "
                  "code: null)"}},
                {"timeout_gap", {3, "no answer within the deadline"}}};
    s.user_stamps = 15'600;
    s.user_events = 15'360;
    s.kernel_stamps = 0;
    s.course.client->read_lag = {};
    s.network =
        network_figures{.requests = 120, .disturbed = 2, .retransmits = 1, .out_of_order = 4};
    return run({s});
}

run_summary empty_handed() {
    level_summary s = level(1, 1);
    s.metrics.clear();
    s.events = 0;
    s.course.client.reset();
    s.network.reset();
    s.tokens = {};
    s.tokens_per_event = {};
    s.output_tokens_per_second = 0;
    s.requests = {};
    run_summary r = run({s});
    r.exit_code = {};
    return r;
}

run_summary long_names() {
    level_summary s = level(1, 1);
    s.setup.target.url =
        "http://a-machine-with-a-very-long-name.in-some-department.of-a-company."
        "example.com:12345/behind/a/proxy";
    s.setup.target.model = std::string(90, 'm') + "/the-end-of-a-model-name";
    s.answered_by = std::string(120, 'n');
    s.requests.model_mismatch = 120;
    return run({s});
}

/// A client that was held up, at the second of its levels, and a server that is not as asked for.
run_summary invalid() {
    run_summary r = run({level(1, 1), level(4, 1.6)});
    r.levels[1].course.client->read_lag = all_of(41'200us, 15'600);
    r.levels[1].course.client->loop_lag = all_of(187ms, 3000);
    r.levels[1].coalesced_events = 4800;
    r.levels[1].metrics.push_back({"send_lag_ms", spread(0.2, 1.1)});
    r.levels[1].load =
        load_figures{.in_flight_mean = 3.97, .in_flight_growth = -0.1, .littles_residual = 0.012};
    for (level_summary& l : r.levels) l.setup.server.unified_kv.requested = false;
    r.setup.validity.event_loop_lag = 200ms;
    return r;
}

run_summary embeddings() {
    level_summary s = level(8, 1);
    s.setup.target.api = "openai-embeddings";
    s.events = 0;
    s.metrics = {{"e2e_ms", spread(24.5, 61.25)}};
    s.tokens = {};
    s.tokens_per_event = {};
    s.output_tokens_per_second = 0;
    s.requests_per_second = 161.5;
    s.inputs_per_second = 2584;
    s.vector_size = 768;
    return run({s});
}

/// Three APIs that share their streams, at two levels.
run_summary several_apis() {
    std::vector<level_summary> levels;
    for (const std::uint32_t streams : {1U, 8U}) {
        for (const char* api : {"lmstudio", "openai-chat", "anthropic-messages"}) {
            const auto index = static_cast<std::uint32_t>(levels.size());
            levels.push_back(level(streams, 1 + 0.05 * index));
            levels.back().setup.index = index;
            levels.back().setup.target.api = api;
        }
    }
    return run(levels);
}

void check_width(const std::string& text, std::size_t width) {
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        CAPTURE(line);
        CHECK(line.size() <= width);
        CHECK_FALSE(line.ends_with(' '));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
}

void check_table(const std::string& name, const run_summary& r) {
    for (const int width : {80, 100}) {
        std::string text = report::table(r, width);
        check_width(text, static_cast<std::size_t>(width));
        text.replace(text.find(version), std::string_view{version}.size(), "VERSION");
        test::check_golden("table-" + name + "-" + std::to_string(width) + ".txt", text);
    }
}

}  // namespace

TEST_CASE("table: three ordinary levels") {
    check_table("ordinary", ordinary());
}

TEST_CASE("table: averages are marked, errors are counted and told") {
    check_table("troubled", troubled());
}

TEST_CASE("table: a run that is not valid says so in its headline, and why") {
    check_table("invalid", invalid());
}

TEST_CASE("table: metrics that no request has are a dash") {
    check_table("empty", empty_handed());
}

TEST_CASE("table: answers that are no streams have E2E and requests/s, and no column of tokens") {
    check_table("embeddings", embeddings());
}

TEST_CASE("table: several APIs stand side by side, with their differences") {
    check_table("several-apis", several_apis());
}

TEST_CASE("table: an open loop is told by its rates, from the intended time and from the send") {
    check_table("open-loop", open_loop());
}

TEST_CASE("table: a long URL and a long model are cut to the width") {
    check_table("long-names", long_names());
}

TEST_CASE("table: a run without a level has a head and no row") {
    check_table("no-level", run({}));
}

TEST_CASE("table: from a hundred columns on it shows queue time and E2E as well") {
    CHECK(report::table(ordinary(), 99).find("queue") ==
          report::table(ordinary(), 80).find("queue"));
    CHECK(report::table(ordinary(), 99) != report::table(ordinary(), 100));
    CHECK(report::table(ordinary(), 80).find("E2E") == std::string::npos);
    CHECK(report::table(ordinary(), 100).find("E2E") != std::string::npos);
}

TEST_CASE("table: what a server said reaches the terminal without its control characters") {
    run_summary r = troubled();
    r.levels[0].errors["engine_failed"].example = "a\r\n\x1b[31mred\x07\tb\x7f";
    r.levels[0].setup.target.model = "m\x1b[2J";
    r.levels[0].answered_by = r.levels[0].setup.target.model;
    const std::string text = report::table(r, 80);
    CHECK(text.find_first_of("\r\x1b\x07\t\x7f") == std::string::npos);
    CHECK(text.find("[31mred") != std::string::npos);
}

TEST_CASE("table: a line is not cut within a character") {
    run_summary r = ordinary();
    for (std::size_t shift = 0; shift < 4; ++shift) {
        r.levels[0].setup.target.model = std::string(shift, 'x');
        for (int i = 0; i < 40; ++i) r.levels[0].setup.target.model += "😀";
        r.levels[0].answered_by = r.levels[0].setup.target.model;
        const std::string text = report::table(r, 80);
        const std::size_t cut = text.find("...\n");
        REQUIRE(cut != std::string::npos);
        CHECK(text.substr(cut - 4, 4) == "😀");
    }
}

TEST_CASE("table: the head says what the server is, and on which machine") {
    run_summary r = ordinary();
    CHECK(report::table(r, 80).find("  version ") == std::string::npos);
    r.setup.server = {.software = "LM Studio",
                      .version = "0.4.16",
                      .build = "1",
                      .runtimes = {"llama.cpp-cuda 1.3.0"},
                      .hardware = server_hardware{.cpu = "AMD", .ram_bytes = 64ULL << 30U}};
    const std::string shown = report::table(r, 80);
    CHECK(shown.find("  version  LM Studio 0.4.16, build 1\n"
                     "  runtime  llama.cpp-cuda 1.3.0\n"
                     "  machine  AMD, 64 GiB RAM, no GPU\n") != std::string::npos);
}

TEST_CASE("table: the head names the engine that answered, and what came of drafted tokens") {
    run_summary r = ordinary();
    CHECK(report::table(r, 80).find("  engine ") == std::string::npos);
    r.levels[1].engine = engine_facts{.arch = "granite",
                                      .quant = "Q4_K_M",
                                      .format = "gguf",
                                      .context_length = 4096,
                                      .runtime = "llama.cpp-cuda",
                                      .runtime_version = "1.3.0"};
    r.levels[0].draft = draft_counts{40, 30, 8};
    r.levels[2].draft = draft_counts{58, 45, 11, 2, "tiny"};
    const std::string shown = report::table(r, 100);
    CHECK(shown.find("  engine   llama.cpp-cuda 1.3.0 (granite, Q4_K_M, gguf, context 4096)\n") !=
          std::string::npos);
    CHECK(shown.find(
              "  draft    75 of 98 drafted tokens accepted (76.5 %), 19 rejected, 2 ignored, by "
              "tiny\n") != std::string::npos);
}
