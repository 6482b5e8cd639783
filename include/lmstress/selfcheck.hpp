#pragma once

#include <cstdint>
#include <optional>

namespace lmstress {

/// What `lmstress selfcheck` last found on this host: how far this program's own figures are from
/// the truth, up to which load (docs/selfcheck.md).
struct selfcheck_note {
    struct load {
        std::uint32_t streams = 0;
        double events_per_second = 0;  ///< of each of them
        std::uint64_t requests = 0;    ///< that the errors are of; 0: not told, by an older version
        double ttft_error_p99_ms = 0;  ///< measured less true, the 99 % quantile
        double gap_error_p99_ms = 0;   ///< either way
        friend bool operator==(const load&, const load&) = default;
    };
    std::int64_t started_unix_ns = 0;
    std::optional<load> held = {};  ///< the greatest at which the figures held; nothing: at none
    friend bool operator==(const selfcheck_note&, const selfcheck_note&) = default;
};

}  // namespace lmstress
