#pragma once

#include "lmstress/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lmstress {

/// What a request may be held to.
enum class slo_metric : std::uint8_t {
    ttft,     ///< time to the first token, from the send
    ttfa,     ///< time to the first answer: reasoning does not count
    tpot,     ///< time per output token after the first
    itl_max,  ///< the longest gap between two events
    e2e,      ///< from the send to the end
};
inline constexpr std::size_t slo_metric_count = 5;
inline constexpr std::array<std::string_view, slo_metric_count> slo_metric_words = {
    "ttft", "ttfa", "tpot", "itl_max", "e2e"};

/// The service level objective of each request: it completes, and every clause holds.
struct slo_limits {
    std::array<std::optional<nanoseconds>, slo_metric_count> below;

    [[nodiscard]] const std::optional<nanoseconds>& of(slo_metric m) const {
        return below[static_cast<std::size_t>(m)];
    }
    [[nodiscard]] bool any() const {
        for (const auto& limit : below) {
            if (limit) return true;
        }
        return false;
    }
    friend bool operator==(const slo_limits&, const slo_limits&) = default;
};

}  // namespace lmstress
