#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "store/history.hpp"

#include <filesystem>

namespace lmstress::cli {

/// What became of the sweep, search or comparison in that directory, by what it left there. An
/// error where it did not live to write that, or where it is of a version that wrote less.
[[nodiscard]] result<store::history_whole> whole_of(const std::filesystem::path& directory);

/// Into the history, beside the runs that are part of it. What does not get there is an answer that
/// the directory has too, so nothing is said of it: of the runs it was said already.
void keep_whole_in_history(const scenario& s, const std::filesystem::path& directory);

}  // namespace lmstress::cli
