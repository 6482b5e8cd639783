#pragma once

#include "report/comparison_text.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lmstress::report {

/// "+8.1 %".
[[nodiscard]] std::string change_text(double share);
/// "+5.0 %..+11.2 %"; "n too small" where there is none.
[[nodiscard]] std::string change_text(const std::optional<interval>& i);

/// A figure that does not decide is shown with its own interval.
[[nodiscard]] const std::optional<interval>& shown_interval(const analyze::compared_figure& f);

/// What a figure's change comes to, in words: "worse", "none over 3.2 % up, 4.0 % down".
[[nodiscard]] std::string in_words(const analyze::compared_figure& f);

/// Whether B is worse, in whole sentences. First those of the levels where another share of the
/// requests failed, or a side completed none: "B is worse: 50.0 % of its requests failed, of A's
/// 0.0 % (difference +39.1 %..+60.0 %)." Then the figures that decide: "B is worse: ttft_ms.p95
/// +12.1 % (+8.0 %..+16.3 %)."; of several levels one each where something changed, and one of all
/// others. Where the runs do not bear it, each begins so: "Of invalid runs: ".
[[nodiscard]] std::vector<std::string> conclusions_of(const comparison_report& r);

}  // namespace lmstress::report
