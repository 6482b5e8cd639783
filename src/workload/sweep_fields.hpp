#pragma once

#include "workload/scenario_fields.hpp"

#include <span>

namespace lmstress::workload {

/// The rows of scenario_fields() that only `lmstress sweep` and `lmstress capacity` read.
[[nodiscard]] std::span<const scenario_field> sweep_fields() noexcept;

}  // namespace lmstress::workload
