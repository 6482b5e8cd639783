#pragma once

#include "analyze/measured_level.hpp"

#include <vector>

namespace lmstress::analyze {

/// Several levels of the same load, measured one after another, as one whose window is theirs laid
/// end to end: what holds of its requests and its rates holds of all of them. Their times are those
/// since the beginning of that window. Precondition: there is one at least.
[[nodiscard]] measured_level joined(const std::vector<measured_level>& pieces);

}  // namespace lmstress::analyze
