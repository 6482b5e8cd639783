#pragma once

#include "analyze/measured_level.hpp"
#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"

#include <filesystem>
#include <vector>

namespace lmstress::cli {

/// A result with its requests, measured anew from its journal.
struct stored_run {
    run_setup setup;
    std::vector<analyze::measured_level> levels;
};

[[nodiscard]] result<stored_run> load_run(const std::filesystem::path& directory);

}  // namespace lmstress::cli
