#pragma once

#include "cli/recording.hpp"
#include "load/run_context.hpp"
#include "store/journal.hpp"

#include <string>

namespace lmstress::cli {

/// What is written and shown once the load is over. The exit code.
[[nodiscard]] int conclude(store::journal& journal, run_summary& summary, const recording& results,
                           const load::run_context& about, bool interrupted,
                           const std::string& directory);

}  // namespace lmstress::cli
