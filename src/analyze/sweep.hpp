#pragma once

#include "analyze/batch.hpp"
#include "analyze/context_use.hpp"
#include "analyze/interference.hpp"
#include "analyze/request_phases.hpp"
#include "lmstress/sweep.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::analyze {

/// All that is concluded from one level: its figures, and what the server did.
struct cell_figures {
    level_summary level;
    std::optional<batch_figures> batch = {};
    std::vector<double> decoding = {};  ///< streams at once, over the window
    std::optional<prefill_interference> interference = {};
    std::optional<mean_phases> phases = {};
    std::vector<prefill_speed> prefill = {};
    std::optional<pool_exhaustion> exhausted = {};
    std::optional<context_limit> limited = {};
};
[[nodiscard]] cell_figures figures_of(const measured_level& level, std::uint32_t max_tokens,
                                      std::uint64_t seed);

/// A cell that was measured.
struct measured_cell {
    sweep_cell cell;
    std::string directory;  ///< of its result, below that of the sweep
    int exit_code = 0;
    cell_figures figures;
    std::string invalid = {};  ///< why its run is not valid, a sentence; empty: it is
    bool server_busy = false;  ///< the server did not become idle before it
};

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
    /// be infinite: not known, for n is too small.
    std::optional<interval> ci95 = {};
    std::uint32_t runs = 0;
};
/// Nothing where no run has it.
[[nodiscard]] std::optional<figure_over_runs> over_runs(const sweep_figure& f,
                                                        std::span<const measured_cell> all,
                                                        std::size_t variant, std::size_t load);
/// The same over those levels.
[[nodiscard]] std::optional<figure_over_runs> over_runs(const sweep_figure& f,
                                                        std::span<const level_summary* const> runs);

/// Where in one of them the quantile lies beyond all that is known, because requests were cut
/// before: the greatest value that is. A mean over the others would be too small.
[[nodiscard]] std::optional<double> beyond_runs(const sweep_figure& f,
                                                std::span<const level_summary* const> runs);

/// What a setting was asked to be, and turned out to be otherwise: "the server says 4 slots and not
/// 8", a few words each. The parallelism that the data show counts where the server itself does not
/// tell, where it is more than that, and where no more requests have a slot than decode.
[[nodiscard]] std::vector<std::string> not_in_force(const server_variant& asked,
                                                    const cell_figures& seen);

/// The parallelism that the load showed, over the cells of a variant: the largest. Nothing where no
/// load shows it.
[[nodiscard]] std::optional<std::uint32_t> shown_parallel(std::span<const measured_cell> all,
                                                          std::size_t variant);

/// The best setting, and why.
struct sweep_choice {
    std::size_t variant = 0;
    std::size_t load = 0;
    bool by_objective = false;  ///< it is the largest load that met the SLO; else of throughput
    std::string sentence;
};
/// `attainment` is the share of the requests that must meet the SLO. Nothing where no cell counts.
[[nodiscard]] std::optional<sweep_choice> best_of(const sweep_plan& plan,
                                                  std::span<const measured_cell> all,
                                                  double attainment);

}  // namespace lmstress::analyze
