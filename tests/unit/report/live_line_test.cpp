#include "report/live_line.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using measure::live_plan;
using measure::live_snapshot;
using report::live_line;
using report::live_look;

namespace {

/// In the second of three levels: 2 s of warm-up and a window of 28 s, of which 11 have passed.
live_look in_window() {
    live_look look;
    look.now = 53s;
    look.model = "qwen/qwen3-4b";
    look.latest = {.taken = 53s,
                   .plan = {.level = 2,
                            .levels = 3,
                            .streams = 16,
                            .begin = 40s,
                            .window_begin = 42s,
                            .window_end = 70s},
                   .in_flight = 16,
                   .token_events = 9476,
                   .tokens_per_event = 1.0,
                   .warmup_ttft = {{500ms, 900ms}},
                   .measured_ttft = {{30'800us, 67'700us}}};
    look.earlier = live_snapshot{.taken = 51s, .token_events = 9000};
    return look;
}

/// The same level, ended by 40 requests.
live_look by_requests(std::uint64_t ended) {
    live_look look = in_window();
    look.latest.plan.window_end.reset();
    look.latest.plan.wanted_requests = 40;
    look.latest.measured_requests = ended;
    return look;
}

std::string at_width(const live_look& look, int width) {
    return live_line(look, {.width = width});
}

}  // namespace

TEST_CASE("live line: all of it where there is room") {
    CHECK(at_width(in_window(), 140) ==
          "level 2/3, 16 streams  [####......]  43 %  13 s, 17 s left  16 in flight  238 tok/s  "
          "TTFT p50 31, p95 68 ms  errors 0");
}

TEST_CASE("live line: what matters least gives way first") {
    const live_look look = in_window();
    CHECK(at_width(look, 119) ==
          "level 2/3, 16 streams  [####......]  43 %  13 s, 17 s left  16 in flight  238 tok/s  "
          "TTFT p50 31, p95 68 ms  errors 0");
    CHECK(at_width(look, 99) ==
          "level 2/3  [####......]  43 %  13 s, 17 s left  16 in flight  238 tok/s  TTFT 31/68 ms  "
          "errors 0");
    CHECK(at_width(look, 79) ==
          "2/3  43 %  13 s, 17 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    CHECK(at_width(look, 59) == "43 %  17 s left  238 tok/s  TTFT 31/68 ms  errors 0");
    CHECK(at_width(look, 39) == "43 %  238 tok/s  TTFT 31/68 ms");
    CHECK(at_width(look, 19) == "43 %  238 tok/s");
    CHECK(at_width(look, 3) == "43 ");
    CHECK(at_width(look, 0).empty());
    CHECK(at_width(look, -1).empty());
}

TEST_CASE("live line: it fits every width") {
    live_look errors = in_window();
    errors.latest.errors = 12;
    live_look loading = in_window();
    loading.latest.plan.at = live_plan::stage::loading;
    loading.latest.loaded = 0.5;
    for (const live_look& look : {in_window(), by_requests(17), errors, loading}) {
        for (int width = 0; width < 160; ++width) {
            CHECK(at_width(look, width).size() <= static_cast<std::size_t>(width));
        }
    }
}

TEST_CASE("live line: a run of one level does not say so") {
    live_look look = in_window();
    look.latest.plan.level = look.latest.plan.levels = look.latest.plan.streams = 1;
    look.latest.in_flight = 1;
    CHECK(at_width(look, 99) ==
          "1 stream  [####......]  43 %  13 s, 17 s left  1 in flight  238 tok/s  TTFT 31/68 ms  "
          "errors 0");
}

TEST_CASE("live line: time goes on between two snapshots, and stands still at the end") {
    live_look look = in_window();
    look.now += 1'700ms;
    CHECK(at_width(look, 79) ==
          "2/3  49 %  14 s, 16 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    look.now = 71s;
    CHECK(at_width(look, 79) ==
          "2/3  100 %  31 s, 0 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
}

TEST_CASE("live line: minutes and hours") {
    live_look look = in_window();
    look.latest.plan.window_end = 40s + 2h;
    CHECK(at_width(look, 79) ==
          "2/3  0 %  13 s, 1:59:47 left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    look.now = 40s + 1h + 62s;
    CHECK(at_width(look, 79) ==
          "50 %  1:01:02, 58:58 left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
}

TEST_CASE("live line: the warm-up is called so, and shows its own TTFT") {
    live_look look = in_window();
    look.now = look.latest.taken = 41s;
    look.earlier.reset();
    CHECK(at_width(look, 99) ==
          "2/3  warm-up  [..........]  3 %  1 s, 29 s left  16 in flight  - tok/s  TTFT 500/900 ms "
          " errors 0");
    look.latest.warmup_ttft.reset();
    CHECK(at_width(look, 79) ==
          "2/3  warm-up  3 %  1 s, 29 s left  16 in flight  - tok/s  TTFT -  errors 0");
}

TEST_CASE("live line: a window without a first token yet shows none of the warm-up's") {
    live_look look = in_window();
    look.latest.measured_ttft.reset();
    CHECK(at_width(look, 79) ==
          "2/3  43 %  13 s, 17 s left  16 in flight  238 tok/s  TTFT -  errors 0");
}

TEST_CASE("live line: the drain says so, and when it ends at the latest") {
    live_look look = in_window();
    look.latest.plan.at = live_plan::stage::draining;
    look.latest.plan.drain_end = 100s;
    look.now = 74s;
    look.latest.in_flight = 3;
    CHECK(at_width(look, 99) ==
          "level 2/3  draining  34 s, at most 26 s left  3 in flight  238 tok/s  TTFT 31/68 ms  "
          "errors 0");
    CHECK(at_width(look, 79) ==
          "draining  at most 26 s left  3 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
}

TEST_CASE("live line: a level that a number of requests ends counts them") {
    CHECK(at_width(by_requests(20), 119) ==
          "level 2/3, 16 streams  [#####.....]  20/40 requests  13 s, 11 s left  16 in flight  238 "
          "tok/s  TTFT 31/68 ms  errors 0");
    CHECK(at_width(by_requests(20), 79) ==
          "2/3  50 %  13 s, 11 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    live_look later = by_requests(20);
    later.now += 800ms;
    CHECK(at_width(later, 79) ==
          "2/3  50 %  13 s, 11 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    later.latest.plan.at = live_plan::stage::draining;
    later.latest.plan.drain_end = 83s;
    CHECK(at_width(later, 99) ==
          "2/3  draining  50 %  13 s, at most 30 s left  16 in flight  238 tok/s  TTFT 31/68 ms  "
          "errors 0");
}

TEST_CASE("live line: nothing is said of what is left before each stream has ended a request") {
    CHECK(at_width(by_requests(15), 79) ==
          "2/3  [###.......]  37 %  13 s  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
    CHECK(at_width(by_requests(16), 79) ==
          "2/3  40 %  13 s, 17 s left  16 in flight  238 tok/s  TTFT 31/68 ms  errors 0");
}

TEST_CASE(
    "live line: events become tokens by the server's count, and are marked before there is one") {
    live_look look = in_window();
    look.latest.tokens_per_event = 2.5;
    CHECK(at_width(look, 99).find("  595 tok/s  ") != std::string::npos);
    look.latest.tokens_per_event.reset();
    CHECK(at_width(look, 99).find("  ~238 tok/s  ") != std::string::npos);
    look.earlier->token_events = look.latest.token_events;
    CHECK(at_width(look, 99).find("  0 tok/s  ") != std::string::npos);
    look.earlier->token_events -= 15;
    CHECK(at_width(look, 99).find("  ~7.5 tok/s  ") != std::string::npos);
}

TEST_CASE("live line: a TTFT of ten seconds and more is in seconds") {
    live_look look = in_window();
    look.latest.measured_ttft = {{9'400us, 9'949'999us}};
    CHECK(at_width(look, 99).find("TTFT 9.4/9950 ms") != std::string::npos);
    look.latest.measured_ttft = {{900ms, 10s}};
    CHECK(at_width(look, 99).find("TTFT 0.9/10 s") != std::string::npos);
}

TEST_CASE(
    "live line: errors are red where colour is wanted, stay at any width, and nothing else is") {
    live_look look = in_window();
    CHECK(live_line(look, {.width = 79, .colour = true}) == at_width(look, 79));
    look.latest.errors = 3;
    CHECK(live_line(look, {.width = 79, .colour = true}) ==
          "2/3  43 %  13 s, 17 s left  16 in flight  238 tok/s  TTFT 31/68 ms  "
          "\x1b[31merrors 3\x1b[0m");
    CHECK(live_line(look, {.width = 39, .colour = true}) ==
          "43 %  238 tok/s  \x1b[31merrors 3\x1b[0m");
    CHECK(live_line(look, {.width = 10, .colour = true}) == "43 %  erro");
    CHECK(at_width(look, 20) == "43 %  errors 3");
}

TEST_CASE("live line: for a file it has no bar") {
    CHECK(live_line(in_window(), {.width = 1000, .bar = false}) ==
          "level 2/3, 16 streams  43 %  13 s, 17 s left  16 in flight  238 tok/s  "
          "TTFT p50 31, p95 68 ms  errors 0");
}

TEST_CASE("live line: a model that is loaded, with the server's progress where it tells it") {
    live_look look;
    look.model = "qwen/qwen3-4b";
    look.now = 5s;
    look.latest.plan = {.at = live_plan::stage::loading, .begin = 1s};
    CHECK(at_width(look, 79) == "loading qwen/qwen3-4b  4 s");
    look.latest.loaded = 0.4375;
    CHECK(at_width(look, 79) == "loading qwen/qwen3-4b: 43 %  4 s");
    CHECK(at_width(look, 24) == "loading qwen/: 43 %  4 s");
    CHECK(at_width(look, 5) == ": 43 ");
    look.latest.token_events = 1;
    CHECK(at_width(look, 79) == "first answer of qwen/qwen3-4b  4 s");
}

TEST_CASE("live line: a model's name moves no cursor and is not taken for narrower than it is") {
    live_look look;
    look.model = "\x1b[2J\r\n";
    look.latest.plan.at = live_plan::stage::loading;
    CHECK(at_width(look, 79) == "loading  [2J    0 s");
    look.model = "\xe6\xa8\xa1\xe5\x9e\x8b";  // two characters of two columns each
    CHECK(at_width(look, 17) == "loading \xe6\xa8\xa1\xe5\x9e\x8b  0 s");
    CHECK(at_width(look, 16) == "loading \xe6\xa8\xa1  0 s");
}

TEST_CASE("live line: an open loop shows its rate, what arrives, and what is shed") {
    live_look look = in_window();
    look.latest.plan.rate = 2.5;
    look.latest.arrivals = 60;
    look.earlier->arrivals = 55;
    CHECK(
        at_width(look, 140) ==
        "level 2/3, 2.5 req/s  [####......]  43 %  13 s, 17 s left  2.5 arrivals/s  16 in flight  "
        "238 tok/s  TTFT p50 31, p95 68 ms  errors 0");
    look.latest.shed = 7;
    CHECK(at_width(look, 150).find("2.5 arrivals/s  16 in flight  7 shed  238 tok/s") !=
          std::string::npos);
    // The rate gives way before what is in flight.
    CHECK(at_width(look, 80).find("arrivals/s") == std::string::npos);
    CHECK(at_width(look, 80).find("16 in flight") != std::string::npos);
}
