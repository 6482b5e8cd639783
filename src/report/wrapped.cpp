#include "report/wrapped.hpp"

#include "report/printable.hpp"

#include <algorithm>

namespace lmstress::report {

std::string cut_to(std::string text, int width) {
    if (text.size() <= static_cast<std::size_t>(width)) return text;
    std::size_t end = static_cast<std::size_t>(width) - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
    text.resize(end);
    return text + "...";
}

std::string wrapped(std::string_view with_controls, int width, std::string_view first) {
    const std::string sentence = printable(with_controls);
    const int room = width - static_cast<int>(first.size());
    std::string out;
    std::string line{first};
    std::size_t at = 0;
    while (at < sentence.size()) {
        const std::size_t end = std::min(sentence.find(' ', at), sentence.size());
        const std::string word = sentence.substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        const bool begun = line.size() > first.size();
        if (begun && line.size() + 1 + word.size() > static_cast<std::size_t>(width)) {
            out += line + '\n';
            line.assign(first.size(), ' ');
        }
        if (line.size() > first.size()) line += ' ';
        line += cut_to(word, room);
    }
    return out + line + '\n';
}

}  // namespace lmstress::report
