#include "wire/base64.hpp"

#include <cstddef>
#include <cstdint>

namespace lmstress::wire {

std::string base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            three <<= 8U;
            if (i + k < bytes.size()) three |= static_cast<unsigned char>(bytes[i + k]);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            const bool there = i + k <= bytes.size();
            out += there ? alphabet[(three >> (18U - 6U * k)) & 0x3FU] : '=';
        }
    }
    return out;
}

}  // namespace lmstress::wire
