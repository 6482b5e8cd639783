#include "wire/json_writer.hpp"

#include "wire/plain_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lmstress::wire {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), result.ptr);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (;;) {
        const std::size_t plain = plain_length(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += hex[static_cast<unsigned char>(c) >> 4U];
            out += hex[static_cast<unsigned char>(c) & 15U];
        } else {  // no UTF-8
            out += "\xEF\xBF\xBD";
        }
    }
    out += '"';
}

void json_writer::new_line() {
    if (style_ == style::compact) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
}

void json_writer::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (depth_ == 0) return;
    if (!first_) out_ += ',';
    new_line();
    first_ = false;
}

void json_writer::open(char bracket) {
    before_value();
    out_ += bracket;
    ++depth_;
    first_ = true;
}

void json_writer::close(char bracket) {
    --depth_;
    if (!first_) new_line();
    out_ += bracket;
    first_ = false;
}

json_writer& json_writer::begin_object() {
    return open('{'), *this;
}
json_writer& json_writer::end_object() {
    return close('}'), *this;
}
json_writer& json_writer::begin_array() {
    return open('['), *this;
}
json_writer& json_writer::end_array() {
    return close(']'), *this;
}

json_writer& json_writer::key(std::string_view name) {
    before_value();
    append_json_string(out_, name);
    out_ += style_ == style::compact ? ":" : ": ";
    after_key_ = true;
    return *this;
}

json_writer& json_writer::value(std::string_view text) {
    before_value();
    append_json_string(out_, text);
    return *this;
}

json_writer& json_writer::value(bool b) {
    return raw(b ? "true" : "false");
}

json_writer& json_writer::value(double number) {
    if (!std::isfinite(number)) return null();
    before_value();
    append_number(out_, number);
    return *this;
}

json_writer& json_writer::null() {
    return raw("null");
}

json_writer& json_writer::raw(std::string_view json) {
    before_value();
    out_ += json;
    return *this;
}

json_writer& json_writer::laid_out(std::string_view json) {
    const auto token_length = [&](std::size_t at) {
        std::size_t end = at + 1;
        if (json[at] == '"') {
            while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
            return std::min(end + 1, json.size()) - at;
        }
        return std::min(json.find_first_of("{}[],: \n\t", at), json.size()) - at;
    };
    std::size_t at = 0;
    while (at < json.size()) {
        const char c = json[at];
        std::size_t length = 1;
        if (c == '{' || c == '[') {
            open(c);
        } else if (c == '}' || c == ']') {
            close(c);
        } else if (c == ':') {
            out_ += style_ == style::compact ? ":" : ": ";
            after_key_ = true;
        } else if (c != ',' && c != ' ' && c != '\n' && c != '\t') {
            length = token_length(at);
            before_value();
            out_ += json.substr(at, length);
        }
        at += length;
    }
    return *this;
}

json_writer& json_writer::integer(std::int64_t number) {
    before_value();
    append_number(out_, number);
    return *this;
}

json_writer& json_writer::integer(std::uint64_t number) {
    before_value();
    append_number(out_, number);
    return *this;
}

}  // namespace lmstress::wire
