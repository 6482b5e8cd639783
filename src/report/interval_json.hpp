#pragma once

#include "lmstress/summary.hpp"
#include "wire/json_writer.hpp"

#include <optional>
#include <string_view>

namespace lmstress::report {

/// "name": [low, high], or null. A side that is not known is null.
void write_interval(wire::json_writer& w, std::string_view name, const std::optional<interval>& i);

}  // namespace lmstress::report
