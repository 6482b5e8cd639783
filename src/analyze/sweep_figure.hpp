#pragma once

#include "lmstress/summary.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lmstress::analyze {

/// How many of how many requests.
struct share_counts {
    double hits = 0;
    double of = 0;
};

/// A figure of a sweep's table.
struct sweep_figure {
    const char* key;   ///< in sweep.json: "ttft_p95_ms"
    const char* name;  ///< above its table: "TTFT p95, ms"
    bool lower_is_better;
    std::optional<double> (*of)(const level_summary&);
    std::optional<interval> (*around)(const level_summary&);  ///< null: it has none by itself
    const char* metric = nullptr;  ///< that it is a quantile of: "ttft_ms"; null: it is none
    /// What it is a share of, in per cent; null: it is none.
    std::optional<share_counts> (*share)(const level_summary&) = nullptr;
};
[[nodiscard]] std::span<const sweep_figure> sweep_figures() noexcept;
/// More of the kind, for a report that has room for them.
[[nodiscard]] std::span<const sweep_figure> further_figures() noexcept;
/// Of a sweep's table. Precondition: there is one of that key.
[[nodiscard]] const sweep_figure& sweep_figure_named(std::string_view key);

/// A figure over the runs of a cell.
struct figure_over_runs {
    double mean = 0;
    /// Over the runs, two at least: of a share by Clopper and Pearson over the requests of all of
    /// them, else by Student's distribution. Of a single run its own, if any, of which an end may
    /// be infinite: not known, for n is too small. No figure is below 0, and no interval goes
    /// there.
    std::optional<interval> ci95 = {};
    std::uint32_t runs = 0;
};
/// Nothing where no run has it.
[[nodiscard]] std::optional<figure_over_runs> over_runs(const sweep_figure& f,
                                                        std::span<const level_summary* const> runs);

/// Where in one of them the quantile lies beyond all that is known, because requests were cut
/// before: the greatest value that is. A mean over the others would be too small.
[[nodiscard]] std::optional<double> beyond_runs(const sweep_figure& f,
                                                std::span<const level_summary* const> runs);

}  // namespace lmstress::analyze
