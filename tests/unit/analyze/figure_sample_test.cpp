#include "analyze/figure_sample.hpp"

#include "support/folded_level.hpp"
#include "support/records.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <utility>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

/// A request each second, the i-th with a TTFT of i + 1 ms and two gaps of (i + 1) * 10 ms.
analyze::measured_level staircase(std::size_t n, std::uint32_t streams = 1) {
    std::vector<request_record> requests;
    for (std::size_t i = 0; i < n; ++i) {
        const auto sent = 1s * i;
        const nanoseconds first = sent + 1ms * (i + 1);
        const nanoseconds gap = 10ms * (i + 1);
        requests.push_back(test::completed_record(sent, {first, first + gap, first + 2 * gap}));
    }
    return test::folded_level(test::level_setup_of(0, streams), std::move(requests), 1s * n);
}

std::vector<std::uint32_t> once(const analyze::figure_sample& s) {
    return std::vector<std::uint32_t>(s.groups(), 1);
}

double whole(std::string_view figure, const analyze::measured_level& level) {
    const auto sample = analyze::sample_of(figure, level);
    REQUIRE(sample != nullptr);
    return sample->value(once(*sample)).value();
}

}  // namespace

TEST_CASE("figure sample: with every group once it is the figure of the summary") {
    const auto level = staircase(100);
    for (const char* metric : {"ttft_ms", "e2e_ms", "tpot_ms", "itl_ms", "event_gap_ms"}) {
        CAPTURE(metric);
        const distribution& d = *level.summary.metric(metric);
        CHECK(whole(std::string{metric} + ".p50", level) == doctest::Approx(d.p50));
        CHECK(whole(std::string{metric} + ".p95", level) == doctest::Approx(d.p95));
    }
    CHECK(whole("throughput.output_tokens_per_second", level) ==
          doctest::Approx(level.summary.output_tokens_per_second).epsilon(1e-6));
    CHECK(whole("throughput.requests_per_second", level) ==
          doctest::Approx(level.summary.requests_per_second).epsilon(1e-6));
}

TEST_CASE(
    "figure sample: of a request that the window cuts, as many tokens count as in the summary") {
    auto level = staircase(10);
    // Its second half came late, and only its first token in the window.
    request_record& r = level.requests.back();
    r.output_tokens = 30;
    r.events = 30;
    r.window_events = 1;
    r.moments.set(moment::last_token, 25s);
    level = test::folded_level(test::level_setup_of(0, 1), std::move(level.requests), 10s);
    CHECK(whole("throughput.output_tokens_per_second", level) ==
          doctest::Approx(level.summary.output_tokens_per_second).epsilon(1e-6));
}

TEST_CASE("figure sample: a group counts as often as it is drawn") {
    const auto level = staircase(40);
    for (const char* figure : {"ttft_ms.p50", "itl_ms.p50"}) {
        CAPTURE(figure);
        const auto sample = analyze::sample_of(figure, level);
        std::vector<std::uint32_t> last_only(sample->groups(), 0);
        last_only.back() = 3;
        const double alone = sample->value(last_only).value();
        CHECK(alone > whole(figure, level));
        CHECK(alone >= (figure == std::string_view{"ttft_ms.p50"} ? 39.0 : 390.0));
        CHECK_FALSE(sample->value(std::vector<std::uint32_t>(sample->groups(), 0)).has_value());
    }
}

TEST_CASE("figure sample: requests that were cut are beyond what they were seen to have") {
    auto level = staircase(10);
    for (std::size_t i = 4; i < 10; ++i) {
        request_record& r = level.requests[i];
        r.ended = outcome::timed_out;
        r.moments = {};
        r.moments.set(moment::send_start, 1s * i);
        r.cut = 1s * i + 500ms;
    }
    CHECK(whole("ttft_ms.p50", level) == std::numeric_limits<double>::infinity());
    CHECK(analyze::sample_of("ttft_ms.p50", level)->count() == 4);
}

TEST_CASE("figure sample: the warm-up and answers from memory are in none") {
    auto level = staircase(30);
    level.requests[28].phase = run_phase::warmup;
    level.requests[29].from_cache = true;
    CHECK(analyze::sample_of("ttft_ms.p50", level)->count() == 28);
}

TEST_CASE("figure sample: a name that is no figure has none") {
    const auto level = staircase(3);
    for (const char* name :
         {"", "ttft_ms", "ttft_ms.p42", "nothing.p50", "tool_call_ms.p50", ".p50"}) {
        CAPTURE(name);
        CHECK(analyze::sample_of(name, level) == nullptr);
    }
}

TEST_CASE("figure sample: what runs at once is one group, unless that leaves too few") {
    struct row {
        std::size_t n, streams, each;
        const char* because;
    };
    for (const row& r : {row{100, 1, 1, "one stream: each request for itself"},
                         row{640, 16, 16, "sixteen streams share a batch"},
                         row{100, 16, 5, "twenty groups are left"},
                         row{10'000, 1, 25, "four hundred groups are enough"},
                         row{3, 64, 1, "a group has a request"}, row{0, 8, 1, "none at all"}}) {
        CAPTURE(r.because);
        CHECK(analyze::group_size(r.n, r.streams) == r.each);
    }
}
