#pragma once

#include "cli/recording.hpp"
#include "load/run_context.hpp"
#include "store/journal.hpp"

#include <filesystem>
#include <string>

namespace lmstress::cli {

/// How a run ended, and how that is shown.
struct run_ending {
    bool interrupted = false;
    bool table = true;  ///< on stdout
    std::string directory;
    std::string models;  ///< that the server lists
};

/// What is written and shown once the load is over. The exit code.
[[nodiscard]] int conclude(store::journal& journal, run_summary& summary, const recording& results,
                           const load::run_context& about, const run_ending& how);

/// junit.xml in the directory of the results, where the run had thresholds.
[[nodiscard]] result<void> keep_verdicts(const run_summary& summary,
                                         const std::filesystem::path& directory);

}  // namespace lmstress::cli
