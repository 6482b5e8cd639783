#pragma once

#include "workload/scenario_fields.hpp"

#include <span>

/// The rows of scenario_fields(), a table for each section of a scenario file.
namespace lmstress::workload::fields {

/// /target and /server.
[[nodiscard]] std::span<const scenario_field> target_fields() noexcept;
[[nodiscard]] std::span<const scenario_field> workload_fields() noexcept;
[[nodiscard]] std::span<const scenario_field> load_fields() noexcept;
[[nodiscard]] std::span<const scenario_field> limits_fields() noexcept;
[[nodiscard]] std::span<const scenario_field> output_fields() noexcept;
/// /sweep and /capacity, which only those commands read.
[[nodiscard]] std::span<const scenario_field> sweep_fields() noexcept;

}  // namespace lmstress::workload::fields
