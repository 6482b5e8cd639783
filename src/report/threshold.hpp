#pragma once

#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// A bound on a figure of summary.json: "ttft_ms.p95 < 2000".
struct threshold {
    enum class order : std::uint8_t { less, less_or_equal, greater, greater_or_equal };
    std::string text;
    std::vector<std::string> path;  ///< below summary.json, or below each of its levels
    order wanted = order::less;
    double limit = 0;
};

/// `PATH OP NUMBER`: a path of summary.json whose parts stand between dots, where `levels.*.` and
/// `metrics.` may be left out; <, <=, > or >=; a number. errc::usage for anything else, with the
/// nearest path that there is.
[[nodiscard]] result<threshold> parse_threshold(std::string_view text);

/// Whether a figure of that value is as the threshold wants it.
[[nodiscard]] bool holds(const threshold& t, double value) noexcept;

/// What became of a threshold: pass and fail with 95 % confidence on either side; undecided where
/// the limit lies within the figure's interval, or the figure is missing: run longer. A figure that
/// has no interval passes or fails as it is (docs/metrics.md).
enum class verdict : std::uint8_t { pass, fail, undecided };
[[nodiscard]] std::string_view to_string(verdict v) noexcept;

struct judgement {
    std::string threshold;
    std::optional<std::uint32_t> level;  ///< its index; absent: of the whole run
    std::optional<double> value;
    std::optional<interval> ci95;
    report::verdict verdict = report::verdict::undecided;
};

/// Each threshold of the run's setup, at each level that it is about. One that cannot be parsed is
/// left out: the run did not begin with it.
[[nodiscard]] std::vector<judgement> judge_thresholds(const run_summary& run);

/// Fail, where one failed; else undecided, where one is; else pass. Nothing without any.
[[nodiscard]] std::optional<verdict> verdict_of(const std::vector<judgement>& all);

}  // namespace lmstress::report
