#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// RFC 4648, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);
/// Nothing where it is not that, padding included.
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace lmstress::wire
