#include "workload/commented_json.hpp"

#include "wire/repeated_key.hpp"

#include <boost/json/stream_parser.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::workload {

namespace json = boost::json;

namespace {

std::string place_in(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_begin = before.rfind('\n');
    const std::size_t column =
        line_begin == std::string_view::npos ? before.size() + 1 : before.size() - line_begin;
    return fmt::format("line {} column {}", line, column);
}

}  // namespace

result<json::value> parse_commented(std::string_view text, const std::string& file) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    json::stream_parser parser{{}, options};
    json::error_code ec;
    std::size_t at = parser.write_some(text.data(), text.size(), ec);
    if (!ec) {
        // What follows the value may be blank or a comment.
        parser.finish(ec);
    }
    if (!ec && at == text.size()) {
        const auto repeated = wire::find_repeated_key(text);
        if (!repeated) return parser.release();
        return error{errc::bad_file, fmt::format("{} {}: \"{}\" is there twice", file,
                                                 place_in(text, repeated->offset), repeated->name)};
    }
    return error{errc::bad_file,
                 fmt::format("{} {} is no JSON{}", file, place_in(text, at),
                             ec ? " (" + ec.message() + ")" : std::string{}),
                 "A scenario is JSON with comments; docs/scenarios.md shows one."};
}

}  // namespace lmstress::workload
