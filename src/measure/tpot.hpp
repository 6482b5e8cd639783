#pragma once

#include "lmstress/request_record.hpp"

#include <cstdint>
#include <optional>

namespace lmstress::measure {

/// By the server's count, else the events.
[[nodiscard]] inline std::uint64_t tokens_of(const request_record& r) {
    return r.output_tokens.value_or(r.events);
}

/// TPOT: from the first token to the last one, without the time that tools took, over the tokens
/// after the first. Nothing for an answer of fewer than two.
[[nodiscard]] inline std::optional<double> tpot_ms_of(const request_record& r) {
    const auto span = r.moments.between(moment::first_token, moment::last_token);
    if (!span || tokens_of(r) < 2) return std::nullopt;
    return static_cast<double>((*span - r.tool_gaps).count()) / 1e6 /
           static_cast<double>(tokens_of(r) - 1);
}

}  // namespace lmstress::measure
