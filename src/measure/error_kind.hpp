#pragma once

#include "lmstress/request_record.hpp"

#include <string>

namespace lmstress::measure {

/// "model_unloaded", and of a timeout the phase that it passed in: "timeout_first_token". "unknown"
/// where the journal does not say.
[[nodiscard]] std::string error_kind(const request_error& e);

}  // namespace lmstress::measure
