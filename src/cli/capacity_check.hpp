#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

namespace lmstress::cli {

/// Whether a capacity can be looked for with these settings: there is an objective, which a step
/// can be held to however long it becomes, and loads to try. errc::usage where it cannot.
[[nodiscard]] result<void> check_search(const scenario& s);

}  // namespace lmstress::cli
