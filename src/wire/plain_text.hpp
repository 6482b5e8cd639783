#pragma once

#include <cstddef>
#include <string_view>

namespace lmstress::wire {

/// How many bytes at the beginning of a text stand for themselves between the quotes of a JSON
/// string: UTF-8 without quotes, backslashes and control characters.
[[nodiscard]] std::size_t plain_length(std::string_view text) noexcept;

}  // namespace lmstress::wire
