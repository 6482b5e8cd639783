#include "wire/line_parser.hpp"

#include <utility>

namespace lmstress::wire {

void line_parser::take(std::string_view line, line_sink& sink) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) sink.on_line(line);
}

line_parser::status line_parser::push(std::string_view bytes, line_sink& sink) {
    while (!failed_ && !bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (begun_.size() + piece.size() > max_) {
            failed_ = true;
            break;
        }
        if (end == std::string_view::npos) {
            begun_ += piece;
            break;
        }
        if (begun_.empty()) {
            take(piece, sink);
        } else {
            const std::string line = std::exchange(begun_, {}).append(piece);
            take(line, sink);
        }
        bytes.remove_prefix(end + 1);
    }
    return failed_ ? status::line_too_large : status::ok;
}

void line_parser::finish(line_sink& sink) {
    const std::string line = std::exchange(begun_, {});
    if (!failed_) take(line, sink);
}

}  // namespace lmstress::wire
