#pragma once

#include "analyze/scaling_law.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// "Scaling law (a hard knee, r2 0.998): 22.5 tokens/s (22..23) each up to 4 users ...", and what
/// it says of more than was measured. `n` is what it counts: "users".
[[nodiscard]] std::vector<std::string> law_sentences(const analyze::scaling_law& law,
                                                     std::string_view n);

/// "Universal Scalability Law", "a hard knee"
[[nodiscard]] std::string_view law_name(analyze::law l) noexcept;

}  // namespace lmstress::report
