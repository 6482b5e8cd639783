#pragma once

#include <string>
#include <string_view>

namespace lmstress::report {

/// A sentence in lines of at most `width` columns, made printable: the first one begins with
/// `first`, the others with as many blanks. A word that is longer than a line is cut.
[[nodiscard]] std::string wrapped(std::string_view sentence, int width,
                                  std::string_view first = "  * ");

/// The text, or where it is longer than `width` its beginning and "...", not cut in a character.
[[nodiscard]] std::string cut_to(std::string text, int width);

}  // namespace lmstress::report
