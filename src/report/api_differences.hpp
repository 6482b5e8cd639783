#pragma once

#include "lmstress/summary.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

/// The APIs of a run, in the order of its lanes.
[[nodiscard]] std::vector<std::string_view> apis_of(const run_summary& run);

/// Of a run over several APIs, what each is like beside the first, a sentence for each level of
/// concurrency and API, and what the figures can and cannot say. Empty where there is one API.
[[nodiscard]] std::vector<std::string> api_differences(const run_summary& run);

}  // namespace lmstress::report
