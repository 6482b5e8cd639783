#pragma once

#include <algorithm>
#include <span>
#include <string_view>

// Comparisons that do not mind the case of ASCII letters, whatever the locale.

namespace lmstress::wire {

[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

[[nodiscard]] constexpr bool same_letters(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

[[nodiscard]] constexpr bool contains_letters(std::string_view text,
                                              std::string_view part) noexcept {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char x, char y) { return lower(x) == lower(y); }) != text.end();
}

/// The candidate that somebody most likely meant who wrote `text`; empty where none is near. Near
/// is: it begins so, or at most a third of the letters, and one at least, were changed, left out,
/// added or swapped.
[[nodiscard]] std::string_view nearest(std::string_view text,
                                       std::span<const std::string_view> candidates);

}  // namespace lmstress::wire
