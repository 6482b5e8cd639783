#pragma once

#include "report/source.hpp"

#include <span>
#include <string>

namespace lmstress::report {

/// The report as Markdown (GitHub's tables), for an issue, a wiki or a pull request: the verdict,
/// what was tested, the figures of every load, the settings of a sweep side by side, errors, and
/// the command that does it again.
[[nodiscard]] std::string markdown(std::span<const source> sources);

}  // namespace lmstress::report
