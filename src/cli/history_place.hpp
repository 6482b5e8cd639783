#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/summary.hpp"
#include "store/history_entry.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace lmstress::cli {

/// The database that a scenario names, or the user's own; errc::usage where there is no home for
/// one.
[[nodiscard]] result<std::string> history_file(const output_settings& o);
/// Where the runs that go on say so: history.db.live, a folder beside that file.
[[nodiscard]] std::filesystem::path live_folder(const std::string& history);

/// The name by which the history knows a directory: absolute, and without links.
[[nodiscard]] std::string whole_name(const std::filesystem::path& directory);

/// A result as the history keeps it, in a directory that is absolute.
[[nodiscard]] store::history_entry history_entry_of(const run_summary& run,
                                                    const std::string& directory);

/// Puts a run that is over into the history, where it is to go there. What comes of it changes
/// nothing else: a run that is not in the history is whole in its directory. Its number, if it has
/// one.
std::optional<std::int64_t> keep_in_history(const scenario& s, const run_summary& run,
                                            const std::string& directory);

/// Of a result that is about to be removed and made anew: its entry goes with it, where there is
/// one.
void forget_in_history(const scenario& s, const std::filesystem::path& directory);

}  // namespace lmstress::cli
