#include "wire/sse_parser.hpp"

#include <algorithm>
#include <charconv>

namespace lmstress::wire {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Position of the next CR or LF, or npos.
std::size_t find_line_end(std::string_view bytes, std::size_t from) {
    const std::size_t lf = bytes.find('\n', from);
    const std::size_t cr = bytes.substr(0, lf).find('\r', from);
    return std::min(lf, cr);
}

}  // namespace

void sse_parser::text::append_line(std::string_view value, bool stays) {
    if (!present_) return set(value, stays);
    own();
    owned_ += '\n';
    owned_ += value;
    view_ = owned_;
}

std::string_view sse_parser::skip_byte_order_mark(std::string_view bytes) {
    while (bom_matched_ < byte_order_mark.size() && !bytes.empty()) {
        if (bytes.front() != byte_order_mark[bom_matched_]) {
            // Not a mark after all: what looked like one begins the first line.
            line_.assign(byte_order_mark.substr(0, bom_matched_));
            bom_matched_ = byte_order_mark.size();
            break;
        }
        ++bom_matched_;
        bytes.remove_prefix(1);
    }
    return bytes;
}

sse_parser::status sse_parser::push(std::string_view bytes, sse_sink& sink) {
    if (failed_) return status::event_too_large;
    bytes = skip_byte_order_mark(bytes);
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (skip_line_feed_) {
            skip_line_feed_ = false;
            if (bytes[at] == '\n') {
                ++at;
                continue;
            }
        }
        const std::size_t line_end = find_line_end(bytes, at);
        const std::string_view piece = bytes.substr(at, line_end - at);
        if (event_bytes_ + line_.size() + piece.size() > max_) {
            failed_ = true;
            return status::event_too_large;
        }
        if (line_end == std::string_view::npos) {
            line_.append(piece);
            break;
        }
        if (line_.empty()) {
            take_line(piece, true, sink);
        } else {
            line_.append(piece);
            take_line(line_, false, sink);
            line_.clear();
        }
        skip_line_feed_ = bytes[line_end] == '\r';
        at = line_end + 1;
    }
    type_.own();
    data_.own();
    error_.own();
    return status::ok;
}

void sse_parser::take_line(std::string_view line, bool stays, sse_sink& sink) {
    if (line.empty()) return dispatch(sink);
    event_bytes_ += line.size();
    const std::size_t colon = line.find(':');
    if (colon == 0) {  // a comment belongs to no event: a server may send pings for hours
        event_bytes_ -= line.size();
        return;
    }
    if (colon == std::string_view::npos) return take_field(line, {}, stays);
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    take_field(line.substr(0, colon), value, stays);
}

void sse_parser::take_field(std::string_view name, std::string_view value, bool stays) {
    if (name == "data") {
        data_.append_line(value, stays);
    } else if (name == "event") {
        type_.set(value, stays);
    } else if (name == "id") {
        if (value.find('\0') == std::string_view::npos) last_event_id_.assign(value);
    } else if (name == "retry") {
        std::uint64_t ms = 0;
        const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), ms);
        if (ec == std::errc{} && end == value.data() + value.size()) retry_ = ms;
    } else if (name == "error") {
        error_.set(value, stays);
    }
}

void sse_parser::dispatch(sse_sink& sink) {
    if (error_.present()) {
        sink.on_sse_event({.type = "error", .data = error_.view(), .from_error_field = true});
    } else if (data_.present()) {
        sink.on_sse_event({.type = type_.view(), .data = data_.view()});
    }
    type_.clear();
    data_.clear();
    error_.clear();
    event_bytes_ = 0;
}

}  // namespace lmstress::wire
