#include "wire/chunked_body.hpp"

#include "wire/http_response.hpp"

#include <algorithm>
#include <charconv>

namespace lmstress::wire {
namespace {

constexpr std::uint32_t most_digits = 15;  // of a size, in hexadecimal
constexpr std::uint32_t most_ignored = http_response::max_header_bytes;

}  // namespace

std::size_t chunked_body::push(std::string_view bytes, http_sink& sink) {
    std::size_t used = 0;
    while (used < bytes.size() && state_ == status::need_more) {
        if (at_ != place::data) {
            take(bytes[used++]);
            continue;
        }
        const std::uint64_t n = std::min<std::uint64_t>(left_, bytes.size() - used);
        sink.on_body(bytes.substr(used, n));
        used += n;
        left_ -= n;
        if (left_ == 0) at_ = place::data_return;
    }
    return used;
}

void chunked_body::go_on(bool right, place next) {
    at_ = next;
    if (!right) state_ = status::bad;
}

void chunked_body::take(char c) {
    switch (at_) {
        case place::size:
            return take_size(c);
        case place::extension:
            return ignore(c, place::size_line_feed);
        case place::size_line_feed:
            return go_on(c == '\n', left_ == 0 ? place::trailer_begin : place::data);
        case place::data:
            return;
        case place::data_return:
            return go_on(c == '\r', place::data_line_feed);
        case place::data_line_feed:
            digits_ = 0;
            return go_on(c == '\n', place::size);
        case place::trailer_begin:
            if (c == '\r') return go_on(true, place::last_line_feed);
            at_ = place::trailer;
            return ignore(c, place::trailer_line_feed);
        case place::trailer:
            return ignore(c, place::trailer_line_feed);
        case place::trailer_line_feed:
            return go_on(c == '\n', place::trailer_begin);
        case place::last_line_feed:
            state_ = c == '\n' ? status::complete : status::bad;
            return;
    }
}

void chunked_body::take_size(char c) {
    unsigned digit = 0;
    const bool hex = std::from_chars(&c, &c + 1, digit, 16).ec == std::errc{};
    if (hex) {
        left_ = left_ * 16 + digit;
        return go_on(++digits_ <= most_digits, place::size);
    }
    if (digits_ == 0) return go_on(false, place::size);
    ignored_ = 0;
    if (c == '\r') return go_on(true, place::size_line_feed);
    go_on(c == ';' || c == ' ' || c == '\t', place::extension);
}

/// The rest of a line.
void chunked_body::ignore(char c, place after_line) {
    if (c == '\r') return go_on(true, after_line);
    if (c == '\n' || ++ignored_ > most_ignored) state_ = status::bad;
}

}  // namespace lmstress::wire
