#pragma once

#include "analyze/measured_level.hpp"
#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// A result with its requests, measured anew from its journal.
struct stored_run {
    run_setup setup;
    std::vector<analyze::measured_level> levels;
    std::string ended_early = {};  ///< why its load ended before its time, a sentence; else empty
    std::optional<int> exit_code = {};  ///< absent: it was killed
    std::string lost_server = {};  ///< that it died meanwhile, by the comparison that measured it
};

[[nodiscard]] result<stored_run> load_run(const std::filesystem::path& directory);
/// One that is there as it was written, to its end: nothing where a part of its journals is
/// missing, for what is left of them would give other figures, or the summary that tells so.
[[nodiscard]] std::optional<stored_run> load_whole_run(const std::filesystem::path& directory);
/// Whether there is one.
[[nodiscard]] bool holds_run(const std::filesystem::path& directory);

/// Its summary.
[[nodiscard]] run_summary summary_of(const stored_run& run);

/// The gravest reason why the run's numbers are not the server's, or of another setting; empty
/// where there is none.
[[nodiscard]] std::string why_invalid(const run_summary& run);
[[nodiscard]] std::string why_invalid(const stored_run& run);

/// What its scenario bounds it by.
[[nodiscard]] limit_settings limits_of(const run_setup& setup);

}  // namespace lmstress::cli
