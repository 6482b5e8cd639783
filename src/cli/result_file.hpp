#pragma once

#include <filesystem>

namespace lmstress::cli {

/// Whether that path is the place of a file of a result: by its name, in a directory that holds a
/// run, a sweep, a capacity search or what is left of one. Whoever wrote there would destroy it.
[[nodiscard]] bool is_of_a_result(const std::filesystem::path& file);

}  // namespace lmstress::cli
