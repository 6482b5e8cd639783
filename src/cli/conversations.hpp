#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/conversation_file.hpp"
#include "workload/history.hpp"

#include <optional>

namespace lmstress::cli {

/// The conversations of the workload's file; nothing where it names none.
[[nodiscard]] result<std::optional<workload::conversation_file>> load_conversations(
    const workload_settings& w);

/// What the workload's conversations need of an API.
[[nodiscard]] workload::conversation_needs needs_of(
    const workload_settings& w, const std::optional<workload::conversation_file>& file);

}  // namespace lmstress::cli
