#pragma once

#include "lmstress/error.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace lmstress::cli {

/// A run of a side that is not compared with the others, though it belongs to them.
struct left_out_run {
    std::string directory;
    std::string why;    ///< the end of a sentence
    int exit_code = 0;  ///< that the comparison has for it, unless a graver one applies
};

/// Whether a run that ended with that code is one: it was interrupted, or measured nothing.
/// Nothing in the place of the code: it was killed.
[[nodiscard]] std::optional<left_out_run> left_out(const std::filesystem::path& directory,
                                                   std::optional<int> exit_code);

/// Keeps beside its results why a run is left out that ended like any other, or in the place of
/// them where it did not begin; and what was kept so,
/// nothing where there is nothing.
[[nodiscard]] result<void> note_left_out(const left_out_run& run);
[[nodiscard]] std::optional<left_out_run> noted_left_out(const std::filesystem::path& directory);

}  // namespace lmstress::cli
