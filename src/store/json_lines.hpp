#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string_view>

namespace lmstress::store {

/// Hands each whole line of a file to `take`, as an object; a line that was cut at the end, by
/// whoever was killed while writing it, is left out. The number of the first line that is no
/// object, or that `take` throws at; nothing where all were taken.
template <class Take>
std::optional<std::size_t> take_json_lines(std::string_view content, const Take& take) {
    for (std::size_t number = 1;; ++number) {
        const std::size_t end = content.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        try {
            take(boost::json::parse(content.substr(0, end)).as_object());
        } catch (const std::exception&) {
            return number;
        }
        content.remove_prefix(end + 1);
    }
}

}  // namespace lmstress::store
