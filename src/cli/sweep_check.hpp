#pragma once

#include "cli/options.hpp"
#include "cli/settings.hpp"
#include "lmstress/error.hpp"

namespace lmstress::cli {

/// errc::usage for what has no effect, or no meaning, in a sweep.
[[nodiscard]] result<void> check_sweep(const sweep_options& options, const settings& effective);

}  // namespace lmstress::cli
