#pragma once

#include "lmstress/error.hpp"
#include "lmstress/summary.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace lmstress::cli {

/// What a run that is kept was measured on, and no flag says: what is measured beside it later is
/// one answer with it only on the same.
struct resumed_ground {
    std::string name;  ///< of the run, below the directory of all: "cells/001"
    std::string model = {};
    server_settings server = {};
    std::vector<std::pair<std::string, std::string>> file_hashes = {};  ///< as run_setup has them
};

/// Of the run that lies in `directory` under that name. An error where it cannot be read, and
/// errc::usage where a file that its requests were made of held something else than `now`; older
/// results do not say what it held.
[[nodiscard]] result<resumed_ground> ground_of(
    const std::filesystem::path& directory, const std::string& name,
    const std::vector<std::pair<std::string, std::string>>& now);

/// errc::usage where the server says something else of a setting than then, unless that was asked
/// for, now or then.
[[nodiscard]] result<void> check_server(const resumed_ground& then, const server_settings& now);

}  // namespace lmstress::cli
