#pragma once

#include "analyze/own_error.hpp"
#include "lmstress/selfcheck.hpp"
#include "measure/validity.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace lmstress::analyze {

/// A load of a self-check, and what came of it.
struct selfcheck_level {
    std::string api;
    std::uint32_t streams = 0;
    double wanted_events_per_second = 0;  ///< of each stream
    own_error error = {};
    std::optional<double> client_cpu_share = {};  ///< of one core
    std::vector<std::string> reasons = {};        ///< why the figures do not hold here

    [[nodiscard]] bool holds() const noexcept { return reasons.empty(); }
};

/// Fills `reasons`: what of the run's own validity is broken, an error too great, a server that was
/// too slow to be a measure.
void judge(selfcheck_level& level, const measure::validity& run);

struct selfcheck {
    std::int64_t started_unix_ns = 0;
    std::string host;
    std::string cpu;  ///< empty: the system does not say
    std::uint32_t cores = 0;
    std::string scenario;  ///< its file; empty: a ladder of streams
    std::vector<selfcheck_level> levels;

    /// Figures of the greatest load up to which all held.
    [[nodiscard]] selfcheck_note note() const;
};

}  // namespace lmstress::analyze
