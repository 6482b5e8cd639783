#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// "1 stream", "4 streams".
[[nodiscard]] std::string plural(std::unsigned_integral auto n, std::string_view one) {
    return std::to_string(n) + ' ' + std::string{one} + (n == 1 ? "" : "s");
}

}  // namespace lmstress::wire
