#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// "1 stream", "4 streams".
[[nodiscard]] std::string plural(std::unsigned_integral auto n, std::string_view one) {
    return std::to_string(n) + ' ' + std::string{one} + (n == 1 ? "" : "s");
}

/// "2 of its 3 runs", "its only run": within a sentence.
[[nodiscard]] std::string part_of_its(std::unsigned_integral auto n,
                                      std::unsigned_integral auto all, std::string_view one) {
    if (all == 1) return "its only " + std::string{one};
    return std::to_string(n) + " of its " + plural(all, one);
}

}  // namespace lmstress::wire
