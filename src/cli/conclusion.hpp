#pragma once

#include "cli/recording.hpp"
#include "load/run_context.hpp"
#include "store/journal.hpp"

#include <filesystem>
#include <string>

namespace lmstress::cli {

/// What is written and shown once the load is over; `models` are those that the server lists. The
/// exit code.
[[nodiscard]] int conclude(store::journal& journal, run_summary& summary, const recording& results,
                           const load::run_context& about, bool interrupted,
                           const std::string& directory, const std::string& models);

/// junit.xml in the directory of the results, where the run had thresholds.
[[nodiscard]] result<void> keep_verdicts(const run_summary& summary,
                                         const std::filesystem::path& directory);

}  // namespace lmstress::cli
