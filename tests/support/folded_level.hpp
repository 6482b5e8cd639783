#pragma once

#include "analyze/measured_level.hpp"

#include <vector>

namespace test {

/// A level of these requests, in the order in which they ended, over a window from the beginning to
/// `end`: each has its place in that order for its index.
lmstress::analyze::measured_level folded_level(const lmstress::level_setup& setup,
                                               std::vector<lmstress::request_record> requests,
                                               lmstress::nanoseconds end);

}  // namespace test
