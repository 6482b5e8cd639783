#include "report/printable.hpp"

#include "wire/utf8.hpp"

namespace lmstress::report {
namespace {

bool is_obeyed(std::string_view sequence) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
    if (sequence.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
    if (sequence.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;  // U+0080 to U+009F
    if (sequence.size() != 3 || byte(0) != 0xE2) return false;
    const bool marks =
        byte(1) == 0x80 && ((byte(2) >= 0x8E && byte(2) <= 0x8F) ||               // U+200E, U+200F
                            (byte(2) >= 0xA8 && byte(2) <= 0xAE));                // U+2028..U+202E
    const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;  // U+2066..U+2069
    return marks || isolates;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = wire::utf8_length(text);
        if (length == 0) {
            out += '?';
        } else if (is_obeyed(text.substr(0, length))) {
            out += ' ';
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string printable_lines(std::string_view text) {
    std::string out;
    for (;;) {
        const std::size_t end = text.find('\n');
        out += printable(text.substr(0, end));
        if (end == std::string_view::npos) return out;
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

}  // namespace lmstress::report
