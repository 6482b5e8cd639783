#pragma once

#include "report/source.hpp"
#include "support/virtual_run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace test {

/// A run in virtual time as a report finds it; its id and its start are always the same, so that
/// golden files can hold it.
lmstress::report::source source_of_run(virtual_setup setup, const std::string& name = "run1");

/// A server of four slots under closed loads, with an SLO and the times of all events.
virtual_setup ordinary_setup(const std::vector<std::uint32_t>& streams = {1, 4, 8});

/// A sweep over those slots, each with a unified KV cache and without, under as many streams as
/// slots and twice as many, of a server with that fault.
lmstress::report::source source_of_sweep(const std::vector<std::uint64_t>& slots,
                                         const std::string& fault = "");

}  // namespace test
