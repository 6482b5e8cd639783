#include "analyze/selfcheck.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lmstress::analyze {
namespace {

/// As much of a gap as a read may lag behind its bytes (docs/selfcheck.md).
constexpr double allowed_share = 0.05;
constexpr double allowed_ms = 1.0;
/// Of the events that a load should have; with fewer it was another load.
constexpr double least_share = 0.9;

/// So few digits are read back as they were written.
double to_microseconds(double ms) {
    return std::round(ms * 1000) / 1000;
}

double bound_ms(const own_error& e) {
    const double gap = e.true_gap_ms ? e.true_gap_ms->p50 : 0;
    return std::max(allowed_ms, allowed_share * gap);
}

void check_error(std::string_view of, double p99_ms, double bound,
                 std::vector<std::string>& reasons) {
    if (std::abs(p99_ms) <= bound) return;
    reasons.push_back(
        fmt::format("the error of {} is {:.2f} ms (p99), over {:.2f} ms", of, p99_ms, bound));
}

}  // namespace

void judge(selfcheck_level& level, const measure::validity& run) {
    level.client_cpu_share = run.client_cpu_share;
    for (const measure::bound& b : run.bounds) {
        if (!b.holds) level.reasons.push_back(b.sentence);
    }
    const own_error& e = level.error;
    if (e.strange > 0) {
        level.reasons.push_back(fmt::format("{} request{} had other events than were sent",
                                            e.strange, e.strange == 1 ? "" : "s"));
    }
    if (!e.ttft_error_ms || !e.gap_error_ms) {
        level.reasons.emplace_back("no answer had two tokens to compare");
        return;
    }
    check_error("TTFT", e.ttft_error_ms->p99, bound_ms(e), level.reasons);
    if (e.ttft_error_ms->min < -bound_ms(e)) {
        level.reasons.push_back(
            fmt::format("a TTFT is {:.2f} ms less than the true one", -e.ttft_error_ms->min));
    }
    check_error("gaps", e.gap_error_ms->p99, bound_ms(e), level.reasons);
    if (e.true_gap_ms->p50 > 1000 / level.wanted_events_per_second / least_share) {
        level.reasons.push_back(
            fmt::format("the built-in server sent {:.1f} events/s a stream and not {:.0f}: it is "
                        "this machine's end, not the client's",
                        1000 / e.true_gap_ms->p50, level.wanted_events_per_second));
    }
}

selfcheck_note selfcheck::note() const {
    selfcheck_note n{.started_unix_ns = started_unix_ns};
    std::vector<selfcheck_level> rising = levels;
    std::sort(rising.begin(), rising.end(), [](const auto& a, const auto& b) {
        return a.streams != b.streams ? a.streams < b.streams : a.holds() < b.holds();
    });
    // What holds beyond a load that does not does so by chance.
    for (const selfcheck_level& level : rising) {
        if (!level.holds()) break;
        n.held = {.streams = level.streams,
                  .events_per_second = level.wanted_events_per_second,
                  .requests = level.error.ttft_error_ms->count,
                  .ttft_error_p99_ms = to_microseconds(level.error.ttft_error_ms->p99),
                  .gap_error_p99_ms = to_microseconds(level.error.gap_error_ms->p99)};
    }
    return n;
}

}  // namespace lmstress::analyze
