#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <vector>

namespace lmstress::analyze {

/// A level, and the requests that its summary was made from: warm-up included, in any order.
struct measured_level {
    level_summary summary;
    std::vector<request_record> requests;
};

}  // namespace lmstress::analyze
