#pragma once

#include "analyze/comparison.hpp"
#include "analyze/error_comparison.hpp"
#include "analyze/likeness.hpp"
#include "analyze/regression.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::report {

/// A level of A beside its like of B.
struct level_comparison {
    std::string name;  ///< "8 streams over lmstudio"
    analyze::comparison compared;
    analyze::error_comparison errors = {};
};

/// All that `lmstress compare` has to say.
struct comparison_report {
    std::string a;  ///< the result's name: its directory
    std::string b;
    analyze::unlikeness unlike = {};
    /// What makes either side's figures worth less: runs that are not valid, requests that failed.
    std::vector<std::string> beware = {};
    bool any_invalid = false;    ///< a run whose figures are compared is not valid
    bool any_cut_short = false;  ///< one of them did not come to its end
    std::vector<level_comparison> levels = {};
    std::vector<std::string> unmatched = {};  ///< levels that the other side does not have
    std::vector<analyze::regression_verdict> verdicts = {};
    std::uint64_t seed = 0;
    /// Of the command; nothing where it is looked at on a page.
    std::optional<int> exit_code = {};
};

/// On a terminal of so many columns (80 at least).
[[nodiscard]] std::string comparison_table(const comparison_report& r, int width = 80);
/// For a pull request.
[[nodiscard]] std::string comparison_markdown(const comparison_report& r);
/// Schema `lmstress.comparison/1` (docs/schema/comparison.schema.json).
[[nodiscard]] std::string comparison_json(const comparison_report& r);

}  // namespace lmstress::report
