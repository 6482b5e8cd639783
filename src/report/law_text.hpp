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

/// Of one that is not determined, after its parameters; and of each of those, in a file.
inline constexpr std::string_view undetermined_law =
    "The loads that were measured do not determine it: ends of an interval are more than a factor "
    "of 10 apart. Of more than was measured it says nothing.";
inline constexpr std::string_view undetermined_parameter =
    "the loads that were measured do not determine it: the ends of its interval are more than a "
    "factor of 10 apart";

/// "Universal Scalability Law", "a hard knee"
[[nodiscard]] std::string_view law_name(analyze::law l) noexcept;

}  // namespace lmstress::report
