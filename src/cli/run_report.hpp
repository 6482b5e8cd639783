#pragma once

#include "lmstress/error.hpp"

#include <filesystem>
#include <string>

namespace lmstress::cli {

/// The data of the report page of one result (lmstress.report/1), measured anew from its journal.
[[nodiscard]] result<std::string> report_of_directory(const std::filesystem::path& directory);

}  // namespace lmstress::cli
