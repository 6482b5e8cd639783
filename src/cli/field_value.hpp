#pragma once

#include "lmstress/error.hpp"
#include "workload/scenario_fields.hpp"

#include <string>

namespace lmstress::cli {

/// The JSON of a field whose value is given as text, by a flag or a variable of that `name`. What
/// the field's own rule refuses is not refused here.
[[nodiscard]] result<std::string> field_json(const workload::scenario_field& f,
                                             const std::string& text, const std::string& name);

}  // namespace lmstress::cli
