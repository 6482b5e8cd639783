#pragma once

#include "lmstress/error.hpp"
#include "lmstress/truth.hpp"

#include <string_view>

namespace lmstress::store {

/// What a truth log says (docs/simulator.md): its requests and the events that bear a token. A last
/// line that was cut is passed over.
[[nodiscard]] result<truth_by_request> truth_of_log(std::string_view content);

}  // namespace lmstress::store
