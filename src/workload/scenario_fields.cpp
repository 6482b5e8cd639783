#include "workload/scenario_fields.hpp"

#include "workload/field_tables.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace lmstress::workload {
namespace {

constexpr std::array sections = {
    scenario_section{"target", "where the load goes"},
    scenario_section{"server", "settings of the server that must be in force"},
    scenario_section{"workload", "what is asked"},
    scenario_section{"request", "fields of the API's request body, by its own names"},
    scenario_section{"load", "how many ask, and for how long"},
    scenario_section{"limits", "how long to wait for what, and how much may fail"},
    scenario_section{"output", "what is kept"},
    scenario_section{"sweep", "what lmstress sweep goes over", "sweep"},
    scenario_section{"capacity", "how lmstress capacity searches", "capacity"},
};

}  // namespace

std::span<const scenario_field> scenario_fields() noexcept {
    static const std::vector<scenario_field> all = [] {
        std::vector<scenario_field> rows;
        for (const auto& table :
             {fields::target_fields(), fields::workload_fields(), fields::load_fields(),
              fields::limits_fields(), fields::output_fields(), fields::sweep_fields()}) {
            rows.insert(rows.end(), table.begin(), table.end());
        }
        return rows;
    }();
    return all;
}

const scenario_field* find_scenario_field(std::string_view pointer) noexcept {
    const auto all = scenario_fields();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const scenario_field& f) { return f.pointer == pointer; });
    return found == all.end() ? nullptr : &*found;
}

std::span<const scenario_section> scenario_sections() noexcept {
    return sections;
}

}  // namespace lmstress::workload
