#pragma once

#include "lmstress/summary.hpp"

#include <span>

namespace lmstress::measure {

inline void add(request_counts& sum, const request_counts& c) noexcept {
    sum.offered += c.offered;
    sum.completed += c.completed;
    sum.failed += c.failed;
    sum.timed_out += c.timed_out;
    sum.shed += c.shed;
    sum.censored += c.censored;
    sum.retried += c.retried;
    sum.model_mismatch += c.model_mismatch;
    sum.not_sent += c.not_sent;
    sum.from_cache += c.from_cache;
}

/// Whether the measured window, which may end with the last send, holds neither a token nor the end
/// of a request, though requests completed: then its rates are not known, and not 0.
[[nodiscard]] inline bool rates_are_unknown(const level_summary& level) noexcept {
    return level.requests.completed > 0 && level.output_tokens_per_second <= 0 &&
           level.requests_per_second <= 0;
}

/// Of a whole run.
[[nodiscard]] inline request_counts counts_of(std::span<const level_summary> levels) noexcept {
    request_counts sum;
    for (const level_summary& level : levels) add(sum, level.requests);
    return sum;
}

}  // namespace lmstress::measure
