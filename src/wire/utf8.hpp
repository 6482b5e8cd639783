#pragma once

#include <cstddef>
#include <string_view>

namespace lmstress::wire {

/// Length of the UTF-8 sequence at the beginning of a text that is not empty; 0 where that is none
/// (a lone, overlong, surrogate or too large one).
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace lmstress::wire
