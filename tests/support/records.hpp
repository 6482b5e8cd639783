#pragma once

#include "lmstress/request_record.hpp"
#include "lmstress/summary.hpp"

#include <cstdint>
#include <vector>

namespace test {

/// A request that was sent at `sent` and completed: a token in an event at each of `tokens`, all of
/// them in the window, the answer over with the last one.
lmstress::request_record completed_record(lmstress::nanoseconds sent,
                                          const std::vector<lmstress::nanoseconds>& tokens);

/// Any record that could be: every field is drawn from the seed, and is left out now and then
/// where it may be.
lmstress::request_record random_record(std::uint64_t seed);

/// What a level of that number is begun with.
lmstress::level_setup level_setup_of(std::uint32_t index, std::uint32_t concurrency = 1);

}  // namespace test
