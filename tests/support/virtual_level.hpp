#pragma once

#include "analyze/measured_level.hpp"
#include "support/virtual_run.hpp"

namespace test {

/// The first level of a run in virtual time, with its requests.
lmstress::analyze::measured_level virtual_level(virtual_setup setup);

}  // namespace test
