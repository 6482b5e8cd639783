#include "report/warnings.hpp"

#include "analyze/sweep_figure.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using sentences = std::vector<std::string>;

namespace {

/// A level of four streams that nothing is to be said about.
level_summary good() {
    level_summary s;
    s.setup = test::level_setup_of(0, 4);
    s.requests = {.offered = 10, .completed = 10};
    s.tokens = {.input = 1000, .cached = 50, .output = 300, .source = "server"};
    s.tokens_per_event = 1.05;
    s.window_seconds = 3;
    s.output_tokens_per_second = 100;
    s.requests_per_second = 3;
    s.metrics = {{"queue_ms", distribution{.p50 = 50}},
                 {"ttft_ms", distribution{.p50 = 60}},
                 {"e2e_ms", distribution{.p50 = 3000}}};
    s.kernel_stamps = 7;
    return s;
}

sentences of(const level_summary& s) {
    run_summary r;
    r.levels = {s};
    r.exit_code = 0;
    return report::warnings(r);
}

}  // namespace

TEST_CASE("warnings: a run without faults has none") {
    CHECK(of(good()).empty());
}

TEST_CASE("warnings: errors are told by kind with their example") {
    level_summary s = good();
    s.requests = {.offered = 10, .completed = 6, .failed = 3, .timed_out = 1};
    s.errors = {{"reset", {3, "gone"}}, {"timeout_gap", {1, ""}}};
    CHECK(of(s) ==
          sentences{
              "4 streams: 3 requests ended as reset: gone. The server, or something in between, "
              "closed the connection; its log may say why.",
              "4 streams: 1 request ended as timeout_gap. The stream fell silent; --timeout-gap "
              "says how long to wait for it."});
}

TEST_CASE("warnings: a window that holds nothing has no throughput of 0") {
    level_summary s = good();
    s.output_tokens_per_second = s.requests_per_second = 0;
    REQUIRE(of(s).size() == 1);
    CHECK(of(s).front().starts_with("4 streams: nothing was answered within the measured window"));
    const std::vector<const level_summary*> one{&s};
    CHECK_FALSE(analyze::over_runs(analyze::sweep_figure_named("output_tokens_per_second"), one));
    // Where all failed there was none.
    s.requests = {.offered = 10, .failed = 10};
    CHECK(analyze::over_runs(analyze::sweep_figure_named("output_tokens_per_second"), one)->mean ==
          0);
}

TEST_CASE("warnings: where none arrived at a rate, none could complete") {
    level_summary s = good();
    s.requests = {};
    s.setup.open.emplace();
    run_summary r;
    r.levels = {s};
    CHECK(report::nothing_completed(r).sentence == "no request was due in so short a time");
    r.levels.front().setup.open.reset();
    CHECK(report::nothing_completed(r).sentence == "no request completed");
}

TEST_CASE("warnings: requests that were cut are told") {
    level_summary s = good();
    s.setup.concurrency = 1;
    s.requests = {.offered = 10, .completed = 8, .censored = 2};
    CHECK(of(s) == sentences{"1 stream: 2 requests cut before the end. A latency that they had not "
                             "reached counts as longer than they were waited for."});
}

TEST_CASE("warnings: a level without a request") {
    level_summary s = good();
    s.requests = {};
    CHECK(of(s) == sentences{"4 streams: no request was measured."});
}

TEST_CASE("warnings: tokens per event far from one, either way") {
    level_summary s = good();
    s.tokens_per_event = 0.95;
    CHECK(of(s).empty());
    s.tokens_per_event = 0.94;
    CHECK(of(s) == sentences{"4 streams: an event carried 0.94 tokens on average, so gaps between "
                             "events are not gaps between tokens."});
    s.tokens_per_event = 1.06;
    CHECK(of(s).size() == 1);
    s.tokens_per_event = {};
    CHECK(of(s).empty());
}

TEST_CASE("warnings: ITL that is an average, and tokens that nobody counted") {
    level_summary s = good();
    s.itl_is_average = true;
    s.tokens.source = "events";
    CHECK(of(s) ==
          sentences{"4 streams: ITL marked ~ spreads each answer's tokens evenly over its events, "
                    "for the server does not say which held how many.",
                    "4 streams: the server gave no token counts; events were counted instead."});
}

TEST_CASE("warnings: prompts that came from the server's cache") {
    level_summary s = good();
    s.tokens.cached = 51;
    CHECK(of(s) == sentences{"4 streams: 5 % of the prompt tokens came from the server's cache, "
                             "which makes TTFT shorter than new prompts would see."});
}

TEST_CASE("warnings: a TTFT that is mostly queueing") {
    level_summary s = good();
    s.metrics = {{"queue_ms", distribution{.p50 = 1240}}, {"ttft_ms", distribution{.p50 = 2400}}};
    CHECK(of(s) == sentences{"4 streams: requests waited 1.2 s for a free slot (median), so most "
                             "of their TTFT is queueing."});
    s.metrics[1].values->p50 = 2480;
    CHECK(of(s).empty());
}

TEST_CASE("warnings: a window shorter than a request") {
    level_summary s = good();
    s.window_seconds = 2.99;
    CHECK(of(s) == sentences{"4 streams: the measured window of 2.99 s is shorter than a request, "
                             "so the total tokens/s means little; take more --requests or a longer "
                             "--duration."});
}

TEST_CASE("warnings: answers of another model") {
    level_summary s = good();
    s.requests.model_mismatch = 2;
    s.answered_by = "other";
    CHECK(of(s) == sentences{"4 streams: 2 requests answered by another model than "
                             "google/gemma-4-e4b: other."});
}

TEST_CASE(
    "warnings: what else makes a run invalid comes first, then how it ended, its clock last") {
    level_summary s = good();
    s.requests = {.offered = 10, .completed = 9};
    s.histogram_overflow = 1;
    s.events = 10;
    s.user_events = 3;
    s.tokens.source = "events";
    run_summary r;
    r.levels = {s};
    CHECK(report::warnings(r) ==
          sentences{"INVALID: 1 gap of over an hour does not fit the histogram, so the quantiles "
                    "of gaps are too low: let --timeout-gap end such requests.",
                    "The run did not come to its end; this is what it left behind.",
                    "4 streams: the server gave no token counts; events were counted instead.",
                    "3 of 10 events were timed by this process and not by the kernel: what it was "
                    "late by is in their times."});
}

TEST_CASE("warnings: events that came together are told, and whether this client was late") {
    level_summary s = good();
    s.events = 100;
    s.coalesced_events = 5;
    CHECK(of(s).empty());
    s.coalesced_events = 6;
    const std::string start =
        "4 streams: 6 % of the events came in one read with an earlier one and have its time, so "
        "gaps of 0 follow gaps that are too long; ";
    CHECK(of(s) == sentences{start + "the server, or something in between, sent them together."});
    s.course.client.emplace().read_lag.record(200ms, 100);
    CHECK(of(s) == sentences{start + "this client read them late."});
}

TEST_CASE("warnings: a client is late by the usual bound where that is off, and by its own clock") {
    level_summary s = good();
    s.events = 100;
    s.coalesced_events = 50;
    const auto of_server = [&](const validity_limits& limits) {
        run_summary r;
        r.setup.validity = limits;
        r.levels = {s};
        r.exit_code = 0;
        const auto all = report::warnings(r);
        return std::any_of(all.begin(), all.end(), [](const std::string& sentence) {
            return sentence.find("the server, or something") != std::string::npos;
        });
    };
    validity_limits off;
    off.read_lag = nanoseconds{0};
    off.event_loop_lag = nanoseconds{0};
    CHECK(of_server(off));
    s.course.client.emplace().read_lag.record(200ms, 100);
    CHECK_FALSE(of_server(off));
    // What the kernel did not time says nothing of how late the read was.
    s.course.client.emplace().loop_lag.record(200ms, 100);
    CHECK(of_server(off));
    s.user_events = 100;
    CHECK_FALSE(of_server(off));
    CHECK_FALSE(of_server({}));
}

TEST_CASE("warnings: segments that were lost are the network's fault") {
    level_summary s = good();
    s.setup.target.url = "http://box:1234";
    s.network = network_figures{.requests = 10};
    CHECK(of(s).empty());
    s.network =
        network_figures{.requests = 10, .disturbed = 2, .retransmits = 1, .out_of_order = 3};
    CHECK(of(s) == sentences{"4 streams: 2 requests had 1 segment sent again and 3 out of order, "
                             "which is the network's fault and not the server's; the wait is in "
                             "their latency."});
    // Whose fault it is that a connection was asked for again cannot be told.
    s.network = network_figures{
        .requests = 10, .retransmits = 5, .delayed_connects = 2, .connect_retransmits = 5};
    REQUIRE(of(s).size() == 1);
    CHECK(
        of(s).front().starts_with("4 streams: 2 requests had to ask for a connection again (5 "
                                  "times in all): the server did not take connections as fast"));
    CHECK(of(s).front().find("or the network lost") != std::string::npos);
    // On one machine it can.
    s.setup.target.url = "http://127.0.0.1:1234";
    s.network->disturbed = 1;
    REQUIRE(of(s).size() == 2);
    CHECK(of(s)[0].find("network") == std::string::npos);
    CHECK(of(s)[1].find("no network's fault on one machine: the server did not take") !=
          std::string::npos);
}

TEST_CASE("warnings: requests that were sent twice, where they are many") {
    level_summary s = good();
    s.requests.retried = 1;
    s.requests.offered = 11;
    CHECK(of(s).empty());
    s.requests.retried = 11;
    REQUIRE(of(s).size() == 1);
    CHECK(of(s).front().starts_with("4 streams: 11 of 11 requests went out on a kept connection"));
}

TEST_CASE("warnings: a cache that is known not to be unified is no pool") {
    server_settings server;
    server.context_length.confirmed = 1000;
    CHECK(report::context_warning(4, server, 500, ""));
    server.unified_kv.confirmed = true;
    CHECK(report::context_warning(4, server, 500, ""));
    server.unified_kv.confirmed = false;
    CHECK(!report::context_warning(4, server, 500, ""));
}

TEST_CASE("warnings: what an API's requests went without is told once for its levels") {
    level_summary s = good();
    s.setup.left_out = {"min_p", "stop"};
    run_summary r;
    r.levels = {s, s};
    r.exit_code = 0;
    CHECK(report::warnings(r) ==
          sentences{"lmstudio has no way to express min_p, stop: its requests go without "
                    "(--allow-missing)."});
}
