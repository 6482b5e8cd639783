#pragma once

#include "lmstress/error.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace lmstress::workload {

/// The text of a file that people write: JSON with comments and trailing commas, perhaps after a
/// byte order mark. An error says in which line and column of `file` it is none, or which name
/// stands twice in one object.
[[nodiscard]] result<boost::json::value> parse_commented(std::string_view text,
                                                         const std::string& file);

}  // namespace lmstress::workload
