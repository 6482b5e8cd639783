#include "dashboard/http_message.hpp"

#include "wire/json_writer.hpp"
#include "wire/utf8.hpp"

#include <algorithm>

namespace lmstress::dashboard {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = wire::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Nothing where a percent sign begins no byte, or the text is none that anybody writes.
std::optional<std::string> decoded(std::string_view text, bool plus_is_blank) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_blank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    const bool control = std::any_of(out.begin(), out.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (control || !is_utf8(out)) return std::nullopt;
    return out;
}

}  // namespace

std::string_view http_request::parameter(std::string_view name) const noexcept {
    const auto at = std::find_if(query.begin(), query.end(),
                                 [&](const auto& one) { return one.first == name; });
    return at == query.end() ? std::string_view{} : std::string_view{at->second};
}

http_answer json_answer(std::string body, unsigned status) {
    return {.status = status, .body = std::move(body)};
}

http_answer refusal(unsigned status, std::string_view what, std::string_view advice) {
    std::string body;
    wire::json_writer{body}
        .begin_object()
        .field("error", what)
        .field("advice", advice)
        .end_object();
    return json_answer(std::move(body), status);
}

http_answer refusal(unsigned status, const error& e) {
    return refusal(status, e.message, e.advice);
}

bool read_target(std::string_view target, http_request& into) {
    if (!target.starts_with('/')) return false;
    const std::size_t question = target.find('?');
    const auto path = decoded(target.substr(0, question), false);
    if (!path) return false;
    into.path = *path;
    if (question == std::string_view::npos) return true;
    std::string_view rest = target.substr(question + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view one = rest.substr(0, end);
        const std::size_t sign = std::min(one.find('='), one.size());
        const auto name = decoded(one.substr(0, sign), true);
        const auto value = decoded(one.substr(std::min(sign + 1, one.size())), true);
        if (!name || !value) return false;
        into.query.emplace_back(*name, *value);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return true;
}

}  // namespace lmstress::dashboard
