#pragma once

#include "analyze/sweep.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace lmstress::analyze {

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
