#pragma once

#include "lmstress/error.hpp"
#include "workload/scenario_fields.hpp"
#include "workload/scenario_json.hpp"

#include <span>
#include <string>
#include <vector>

namespace lmstress::cli {

/// The variable that sets a field: LMSTRESS_N_PARALLEL for --n-parallel, and where there is no flag
/// after the pointer.
[[nodiscard]] std::string variable_of(const workload::scenario_field& f);

/// What variables ("NAME=value") set. An empty one sets nothing. One that takes several values
/// (headers, labels) has one in each line; one for a flag without a value is on or off.
struct environment_settings {
    std::vector<workload::assignment> generic;  ///< of LM_API_TOKEN, which other programs read too
    std::vector<workload::assignment> own;      ///< of LMSTRESS_*; they go before the generic ones
    /// A sentence for each name that begins like ours and sets nothing. No error: scripts may have
    /// variables of their own, like LMSTRESS_VERSION.
    std::vector<std::string> unknown;
};
[[nodiscard]] result<environment_settings> settings_in(std::span<const std::string> variables);

}  // namespace lmstress::cli
