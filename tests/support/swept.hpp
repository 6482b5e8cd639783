#pragma once

#include "analyze/sweep.hpp"

#include <cstdint>
#include <vector>

namespace test {

/// A cell that the built-in engine did in virtual time: that many streams for 30 s, of 32 tokens
/// each, with an SLO of 400 ms to the first token, which is one without a wait for a slot.
lmstress::analyze::measured_cell cell_of(const lmstress::server_variant& v, std::size_t variant,
                                         std::size_t load, std::uint32_t streams,
                                         std::uint32_t run = 0);

/// A sweep over those slots, each under as many streams as each of the loads says.
struct swept {
    lmstress::sweep_plan plan;
    std::vector<lmstress::analyze::measured_cell> cells;
};
swept sweep(const std::vector<std::uint64_t>& parallel, const std::vector<std::uint32_t>& streams);

}  // namespace test
