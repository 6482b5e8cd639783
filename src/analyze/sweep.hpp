#pragma once

#include "analyze/batch.hpp"
#include "analyze/context_use.hpp"
#include "analyze/interference.hpp"
#include "analyze/request_phases.hpp"
#include "analyze/sweep_figure.hpp"
#include "lmstress/sweep.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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
    /// What the server said that it loaded otherwise than it was asked to, a few words each.
    std::vector<std::string> not_as_asked = {};
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
    [[nodiscard]] bool is_of(std::size_t variant, std::size_t load) const {
        return cell.variant == variant && cell.load == load;
    }
};

/// A figure over the runs of a cell; nothing where no run has it.
[[nodiscard]] std::optional<figure_over_runs> over_runs(const sweep_figure& f,
                                                        std::span<const measured_cell> all,
                                                        std::size_t variant, std::size_t load);

/// What a setting was asked to be, and turned out to be otherwise: "the server says 4 slots and not
/// 8", a few words each; what it said when it loaded the model among them. The parallelism that the
/// data show counts where the server itself does not tell, where it is more than that, and where no
/// more requests have a slot than decode.
[[nodiscard]] std::vector<std::string> not_in_force(const server_variant& asked,
                                                    const cell_figures& seen);

/// The parallelism that the load showed, over the cells of a variant: the largest. Nothing where no
/// load shows it.
[[nodiscard]] std::optional<std::uint32_t> shown_parallel(std::span<const measured_cell> all,
                                                          std::size_t variant);

}  // namespace lmstress::analyze
