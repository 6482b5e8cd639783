#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lmstress {

/// What the built-in server really did with a request, by its truth log (docs/simulator.md).
struct true_request {
    std::int64_t kernel_ns = 0;        ///< CLOCK_MONOTONIC: its last byte arrived
    std::vector<std::int64_t> tokens;  ///< just before each token's send
};

/// By request id.
using truth_by_request = std::map<std::string, true_request>;

}  // namespace lmstress
