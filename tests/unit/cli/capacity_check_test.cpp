#include "cli/capacity_check.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress;

namespace {

result<void> held_to(const std::string& threshold) {
    scenario s;
    s.limits.thresholds = {"ttft_ms.p95 < 2000", threshold};
    return cli::check_search(s);
}

}  // namespace

TEST_CASE("capacity check: a number that grows with every piece of a step bounds no load") {
    for (const char* text :
         {"requests.completed >= 15", "requests.failed < 3", "errors.reset.count <= 0",
          "slo.met > 10", "slo.clauses.ttft.met > 10", "ttft_ms.count > 10",
          "metrics.itl_ms.censored < 5", "tools.search.calls > 3", "tools.search.failed < 3",
          "tokens.output > 1000", "events.unknown < 1", "network.retransmits < 5",
          "throughput.window_seconds > 1", "validity.unknown_events < 1"}) {
        CAPTURE(std::string{text});
        const auto checked = held_to(text);
        REQUIRE(checked.has_error());
        CHECK(checked.error().code == errc::usage);
        CHECK(checked.error().message.find(text) != std::string::npos);
        CHECK(checked.error().advice.starts_with("Ask for a share or a rate: "));
    }
}

TEST_CASE("capacity check: what says the same of a longer step is named in its place") {
    CHECK(held_to("requests.completed >= 15").error().advice ==
          "Ask for a share or a rate: stream_tokens_per_second.p50 or e2e_ms.p95, for two, of what "
          "each request gets.");
    CHECK(held_to("requests.completed < 15").error().advice ==
          "Ask for a share or a rate: throughput.requests_per_second.");
    CHECK(held_to("slo.clauses.ttft.met > 10").error().advice ==
          "Ask for a share or a rate: slo.clauses.ttft.attainment.");
    CHECK(held_to("requests.failed < 3").error().advice ==
          "Ask for a share or a rate: --max-error-rate, the share of the requests that may fail.");
}

TEST_CASE("capacity check: times, shares and rates are objectives") {
    for (const char* text :
         {"ttft_ms.p95 < 2000", "slo.attainment >= 0.95", "throughput.requests_per_second < 2",
          "client.cpu_share < 0.5", "load.in_flight.mean < 8", "tools.search.ms.p95 < 100"}) {
        CAPTURE(std::string{text});
        CHECK(held_to(text).has_value());
    }
    CHECK(cli::check_search({}).has_error());
}

TEST_CASE("capacity check: what holds only from some load on has no largest load") {
    for (const char* text :
         {"throughput.output_tokens_per_second > 200", "throughput.requests_per_second >= 2",
          "metrics.throughput.inputs_per_second > 1", "slo.goodput_per_second > 2"}) {
        CAPTURE(std::string{text});
        const auto checked = held_to(text);
        REQUIRE(checked.has_error());
        CHECK(checked.error().code == errc::usage);
        CHECK(checked.error().message.find("there is no largest load") != std::string::npos);
        CHECK(checked.error().advice.find("stream_tokens_per_second.p50 > 20") !=
              std::string::npos);
    }
}

TEST_CASE("capacity check: a step that is ended at its first slow requests decides nothing") {
    scenario s;
    s.limits.thresholds = {"ttft_ms.p95 < 2000"};
    s.limits.abort_on = {"ttft_ms.p95 > 2000"};
    const auto checked = cli::check_search(s);
    REQUIRE(checked.has_error());
    CHECK(checked.error().code == errc::usage);
    CHECK(checked.error().message.starts_with("--abort-on ends a step"));
    CHECK(checked.error().advice.find("--threshold") != std::string::npos);
}
