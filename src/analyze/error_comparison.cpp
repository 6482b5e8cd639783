#include "analyze/error_comparison.hpp"

#include "measure/share_difference.hpp"

namespace lmstress::analyze {
namespace {

side_outcomes outcomes_of(runs of) {
    side_outcomes out;
    for (const measured_level& level : of) {
        const request_counts& n = level.summary.requests;
        out.offered += n.offered;
        out.completed += n.completed;
        out.failed += n.failed + n.timed_out;
    }
    return out;
}

finding found_in(const interval& difference) {
    if (difference.low > 0) return finding::worse;
    return difference.high < 0 ? finding::better : finding::none_seen;
}

}  // namespace

std::optional<double> side_outcomes::share() const noexcept {
    if (offered == 0) return std::nullopt;
    return static_cast<double>(failed) / static_cast<double>(offered);
}

error_comparison compare_errors(runs a, runs b) {
    error_comparison out{.a = outcomes_of(a), .b = outcomes_of(b)};
    const auto one = out.a.share();
    const auto other = out.b.share();
    if (!one || !other) return out;
    const measure::counted_share of_a{out.a.failed, out.a.offered};
    const measure::counted_share of_b{out.b.failed, out.b.offered};
    out.difference = *other - *one;
    out.ci95 = measure::share_difference(of_a, of_b);
    out.together = measure::share_difference(of_a, of_b, confidence_together());
    out.found = found_in(*out.together);
    return out;
}

}  // namespace lmstress::analyze
