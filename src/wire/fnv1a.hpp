#pragma once

#include <cstdint>
#include <string_view>

namespace lmstress::wire {

/// FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923): the same on every platform, which std::hash is
/// not. For telling things apart, not against somebody who wants two to look the same.
inline constexpr std::uint64_t fnv1a_basis = 0xCBF2'9CE4'8422'2325ULL;

/// `state`: what came before, so that a text may come in pieces.
[[nodiscard]] constexpr std::uint64_t fnv1a(std::string_view text,
                                            std::uint64_t state = fnv1a_basis) noexcept {
    for (const char c : text) {
        state = (state ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01B3ULL;
    }
    return state;
}

}  // namespace lmstress::wire
