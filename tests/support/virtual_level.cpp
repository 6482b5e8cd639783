#include "support/virtual_level.hpp"

#include <utility>

namespace test {

lmstress::analyze::measured_level virtual_level(virtual_setup setup) {
    setup.scenario.output.events = true;
    setup.keep_events = true;
    auto run = run_virtually(setup);
    return {std::move(run.summary.levels.at(0)), std::move(run.records)};
}

}  // namespace test
