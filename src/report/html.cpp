#include "report/html.hpp"

namespace lmstress::report {
namespace {

/// In JSON these characters stand in strings alone, where an escape means the same.
std::string inert(std::string_view json) {
    std::string out;
    out.reserve(json.size() + json.size() / 16);
    for (std::size_t i = 0; i < json.size(); ++i) {
        // U+2028 and U+2029, which end a line of a script: E2 80 A8 and E2 80 A9.
        const bool separator = json.substr(i).starts_with("\xE2\x80\xA8") ||
                               json.substr(i).starts_with("\xE2\x80\xA9");
        if (separator) {
            out += json[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
            i += 2;
        } else if (json[i] == '<') {
            out += "\\u003c";
        } else if (json[i] == '>') {
            out += "\\u003e";
        } else if (json[i] == '&') {
            out += "\\u0026";
        } else {
            out += json[i];
        }
    }
    return out;
}

}  // namespace

std::optional<std::string> html_page(std::string_view page, std::string_view data) {
    constexpr std::string_view mark = "@LMSTRESS_DATA@";
    const std::size_t at = page.find(mark);
    if (at == std::string_view::npos) return std::nullopt;
    std::string out{page.substr(0, at)};
    out += inert(data);
    out += page.substr(at + mark.size());
    return out;
}

}  // namespace lmstress::report
