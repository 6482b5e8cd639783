#pragma once

#include "analyze/request_phases.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// Where the time of the requests of a load goes.
struct phase_row {
    std::string name;
    std::string load;
    analyze::mean_phases means;
};

/// A line for each, with a bar, and what its letters mean. A table that is wider than so many
/// columns is parted.
[[nodiscard]] std::string phase_table(std::span<const phase_row> all, int width);

}  // namespace lmstress::report
