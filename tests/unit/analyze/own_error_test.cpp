#include "analyze/own_error.hpp"

#include "support/records.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace lmstress;
using namespace std::chrono_literals;

namespace {

/// A request that was sent at 10 ms and had four tokens, as it was measured.
request_record measured() {
    request_record r = test::completed_record(10ms, {60ms, 80ms, 100ms, 120ms});
    r.request_id = "0-run";
    r.event_times = {60ms, 80ms, 100ms, 120ms};
    return r;
}

/// The same as it was, by another clock's zero: `late` is what each token took to be seen.
truth_by_request truth_of(const request_record& r, const std::vector<nanoseconds>& late) {
    constexpr nanoseconds zero = 5s;
    true_request t{.kernel_ns = (zero + 10ms + 30us).count(), .tokens = {}};
    for (std::size_t i = 0; i < late.size(); ++i) {
        t.tokens.push_back((zero + r.event_times[i] - late[i]).count());
    }
    return {{r.request_id, t}};
}

analyze::own_error error_of(const request_record& r, const truth_by_request& truth) {
    analyze::own_error_fold fold;
    fold.add(r, truth);
    return fold.result();
}

}  // namespace

TEST_CASE("own error: of TTFT with its sign, of gaps without") {
    const request_record r = measured();
    const auto e = error_of(r, truth_of(r, {20us, 20us, 70us, 20us}));
    CHECK(e.requests == 1);
    CHECK(e.gaps == 3);
    CHECK(e.strange == 0);
    // 50 ms were measured; 49.95 ms passed from the kernel's receive to the send.
    CHECK(e.ttft_ms->p50 == doctest::Approx(50));
    CHECK(e.true_ttft_ms->p50 == doctest::Approx(49.95));
    CHECK(e.ttft_error_ms->p99 == doctest::Approx(0.05));
    CHECK(e.gap_error_ms->min == doctest::Approx(0));
    CHECK(e.gap_error_ms->max == doctest::Approx(0.05));
    CHECK(e.gap_error_ms->count == 3);
}

TEST_CASE("own error: a truth log whose times are shifted gives other figures") {
    const request_record r = measured();
    const auto truth = truth_of(r, {20us, 20us, 20us, 20us});
    const auto before = error_of(r, truth);
    auto spoiled = truth;
    for (std::int64_t& t : spoiled[r.request_id].tokens) t -= 7'000'000;
    CHECK(error_of(r, spoiled).ttft_error_ms->p50 ==
          doctest::Approx(before.ttft_error_ms->p50 + 7));
    CHECK(error_of(r, spoiled).gap_error_ms->p99 == doctest::Approx(0));
    spoiled = truth;
    spoiled[r.request_id].tokens[2] += 3'000'000;
    CHECK(error_of(r, spoiled).gap_error_ms->p99 == doctest::Approx(3));
    spoiled = truth;
    spoiled[r.request_id].kernel_ns -= 4'000'000;
    CHECK(error_of(r, spoiled).ttft_error_ms->p50 ==
          doctest::Approx(before.ttft_error_ms->p50 - 4));
}

TEST_CASE("own error: events that nobody sent, or that did not come, are strange") {
    const request_record r = measured();
    auto truth = truth_of(r, {20us, 20us, 20us, 20us});
    CHECK(error_of(r, {}).strange == 1);
    truth[r.request_id].tokens.pop_back();
    CHECK(error_of(r, truth).strange == 1);
    CHECK_FALSE(error_of(r, truth).ttft_error_ms);
    truth[r.request_id].tokens.resize(6, truth[r.request_id].tokens.back());
    CHECK(error_of(r, truth).strange == 1);
    request_record cut = r;  // of a request that was cut the beginning counts
    cut.ended = outcome::censored;
    CHECK(error_of(cut, truth).strange == 0);
    CHECK(error_of(cut, truth).gaps == 3);
}

TEST_CASE("own error: over the SDK's socket the channel names the request") {
    const request_record r = measured();
    truth_by_request truth;
    truth["1@sdk"] = truth_of(r, {20us, 20us, 20us, 20us}).begin()->second;
    CHECK(error_of(r, truth).requests == 1);
}

TEST_CASE("own error: a request that was sent again has no truth of its own") {
    request_record r = measured();
    r.retries = 1;
    CHECK(error_of(r, {}).strange == 0);
    CHECK(error_of(r, {}).requests == 0);
}

TEST_CASE("own error: the rate is that of the true tokens") {
    const request_record r = measured();
    CHECK(error_of(r, truth_of(r, {0ns, 0ns, 0ns, 0ns})).events_per_second ==
          doctest::Approx(4 / 0.06));
}
