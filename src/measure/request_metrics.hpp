#pragma once

#include "lmstress/request_record.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace lmstress::measure {

/// A metric of which a request has at most one value (docs/metrics.md).
struct request_metric {
    const char* name;
    /// Null: it comes from histograms, or is of something else than requests.
    std::optional<double> (*of)(const request_record&);
    /// What it is counted from, where a request that was cut before it had one is known to have
    /// more than the time since.
    std::optional<moment> from = {};
    bool in_warmup_too = false;
};

/// In the order of summary.json.
[[nodiscard]] std::span<const request_metric> request_metrics() noexcept;
/// Null for a name that none has.
[[nodiscard]] const request_metric* request_metric_named(std::string_view name) noexcept;

/// How far a request that was cut had got without it.
[[nodiscard]] std::optional<double> cut_ms(const request_record& r, const request_metric& m);

/// TTFT from the send, in milliseconds.
[[nodiscard]] std::optional<double> ttft_ms_of(const request_record& r);

/// The inter-token latencies of a request, as far as its counts tell them: empty without any.
[[nodiscard]] sparse_histogram itl_of(const request_record& r);

}  // namespace lmstress::measure
