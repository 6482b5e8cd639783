#pragma once

#include "lmstress/scenario.hpp"
#include "workload/prompts.hpp"

#include <string>

namespace lmstress::cli {

/// Says what the run would do: its first request with the secrets hidden, how many there would be,
/// and how long it would take. Sends nothing. `id` is that of the run. The exit code.
[[nodiscard]] int dry_run(const scenario& s, const workload::prompts& prompts,
                          const std::string& id);

}  // namespace lmstress::cli
