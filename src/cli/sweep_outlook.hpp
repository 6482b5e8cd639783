#pragma once

#include "cli/sweep_journal.hpp"
#include "lmstress/scenario.hpp"
#include "lmstress/sweep.hpp"

#include <filesystem>
#include <string>

// What a sweep says of what it is going to do.

namespace lmstress::cli {

/// "parallel 2, 4x, run 1"
[[nodiscard]] std::string cell_text(const sweep_plan& plan, const sweep_cell& c);

/// The plan without the cells that are finished.
[[nodiscard]] sweep_plan open_part(const sweep_plan& plan, const sweep_journal& journal);

/// "24 cells: 12 settings of the server, 2 loads, 1 run of each; about 12 min 48 s of measuring,
/// and 12 times the server comes to a setting." `open`: the plan with those cells alone that are
/// not finished; the times are theirs.
[[nodiscard]] std::string outlook(const scenario& s, const sweep_plan& plan,
                                  const sweep_plan& open);

/// On stderr: cells that were finished, and are measured again.
void tell_lost(bool quiet, const sweep_plan& plan, const sweep_journal& journal);
/// On stderr: all that there is to say before the first cell.
void tell_begin(bool quiet, const scenario& s, const sweep_plan& plan, const sweep_journal& journal,
                const std::filesystem::path& directory);

}  // namespace lmstress::cli
