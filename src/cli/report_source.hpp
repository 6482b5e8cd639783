#pragma once

#include "lmstress/error.hpp"
#include "report/source.hpp"

#include <filesystem>
#include <string>

namespace lmstress::cli {

/// What that directory holds, measured anew from its journals: a run, or what a sweep or a capacity
/// search left (sweep.json, capacity.json and the results of their runs). An error for any other
/// directory, and for a sweep or a search that did not live to write what came of it. It is called
/// `name` in the report.
[[nodiscard]] result<report::source> load_source(const std::filesystem::path& directory,
                                                 std::string name);

}  // namespace lmstress::cli
