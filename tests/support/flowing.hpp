#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace test {

/// A text in one line, each stretch of blanks and line ends a single blank: what a sentence says,
/// wherever it is broken.
inline std::string flowing(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!blank) out += c;
        if (blank && !out.empty() && out.back() != ' ') out += ' ';
    }
    return out;
}

}  // namespace test
