#pragma once

#include "analyze/comparison.hpp"
#include "lmstress/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// How much worse a figure may be in B: "ttft_ms.p95 > 10%" fails where TTFT grew by more than
/// that, "throughput.output_tokens_per_second < -5%" where the throughput fell by more.
struct regression_rule {
    std::string text;
    figure what;
    bool fails_above = true;  ///< the sign is >
    double limit = 0;         ///< a share
};

/// `FIGURE > SHARE%` or `FIGURE < -SHARE%`; errc::usage for anything else.
[[nodiscard]] result<regression_rule> parse_regression_rule(std::string_view text);

/// A change that is beyond the limit with 95 % confidence fails, one that is within it so passes;
/// between them, and where there is too little to say, it is undecided.
enum class regression : std::uint8_t { pass, fail, undecided };
[[nodiscard]] std::string_view to_string(regression r) noexcept;

struct regression_verdict {
    std::string rule;
    compared_figure seen;
    regression is = regression::undecided;
    std::string level = {};  ///< the name of the one that it is of, where it has one
};
[[nodiscard]] regression_verdict judge(const regression_rule& rule, runs a, runs b,
                                       std::uint64_t seed);

/// Fail, where one failed; else undecided, where one is.
[[nodiscard]] regression worst_of(const std::vector<regression_verdict>& all) noexcept;

}  // namespace lmstress::analyze
