// A scenario file: one that is read is written and read again as the same.

#include "fuzz/fuzz.hpp"
#include "workload/scenario_json.hpp"

namespace fuzz {

using namespace lmstress;

void take(std::string_view input) {
    scenario s;
    const auto done = workload::read_scenario(input, "fuzz.jsonc", s);
    if (!done) return require(!done.error().message.empty());
    const std::string text = workload::to_json(s);
    scenario again;
    require(workload::read_scenario(text, "again.json", again).has_value());
    require(workload::to_json(again) == text);
}

}  // namespace fuzz
