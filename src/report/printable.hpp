#pragma once

#include <string>
#include <string_view>

namespace lmstress::report {

/// What a server said, as it may be shown: no byte that a terminal would obey (control characters,
/// also those of Unicode, and marks that turn the direction of writing), no invalid UTF-8.
[[nodiscard]] std::string printable(std::string_view text);
/// The same of each line; the line feeds stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

}  // namespace lmstress::report
