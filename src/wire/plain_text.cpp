#include "wire/plain_text.hpp"

#include "wire/utf8.hpp"

#include <array>

namespace lmstress::wire {
namespace {

/// By byte: what is plain on its own, whatever comes next.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> table{};
    for (std::size_t byte = 0x20; byte < 0x80; ++byte) table[byte] = byte != '"' && byte != '\\';
    return table;
}();

}  // namespace

std::size_t plain_length(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (plain_bytes[byte]) {
            ++at;
            continue;
        }
        const std::size_t length = byte < 0x80 ? 0 : utf8_length(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

}  // namespace lmstress::wire
