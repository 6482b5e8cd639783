#pragma once

#include "analyze/measured_level.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace lmstress::analyze {

/// What a prompt does to the streams that run beside it.
struct prefill_interference {
    double during_ms =
        0;  ///< median event gap of running streams while another's prompt is processed
    double else_ms = 0;  ///< and while none is
    double ratio = 0;
    std::optional<interval> ci95 = {};  ///< of the ratio, by a bootstrap over requests
    std::uint64_t gaps_during = 0;
    std::uint64_t gaps_else = 0;
};

/// Event gaps by what went on beside them, in milliseconds.
struct gaps_by_company {
    std::vector<double> during = {};  ///< another request's prompt was processed
    std::vector<double> apart = {};   ///< none was
};
/// Those of the window, by the rule of interference_of().
[[nodiscard]] gaps_by_company gaps_beside_prompts(const measured_level& level);

/// Over the window. A gap counts as `during` where a prompt of another request was processed for
/// half of it or more; of the others those count that no prompt touches. It takes the times of all
/// events (--events) and of prefill (LM Studio's own events, llama.cpp's progress): nothing without
/// them, or where there are not 20 gaps of either kind.
[[nodiscard]] std::optional<prefill_interference> interference_of(const measured_level& level,
                                                                  std::uint64_t seed);

}  // namespace lmstress::analyze
