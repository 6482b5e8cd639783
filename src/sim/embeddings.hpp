#pragma once

#include <string>
#include <string_view>

namespace lmstress::sim {

/// The vector of an input, given as JSON, as a JSON array: the same each time.
[[nodiscard]] std::string embedding_of(std::string_view input);

}  // namespace lmstress::sim
