#pragma once

#include "cli/run_material.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"
#include "server/identify.hpp"

#include <string>

namespace lmstress::cli {

/// What a run's result says of what was measured, as it is known when the load begins: without the
/// secrets of the scenario.
[[nodiscard]] run_setup describe(const scenario& s, const run_material& m, const std::string& id,
                                 instant start, const server::identity& who);

}  // namespace lmstress::cli
