#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lmstress::wire {

/// A name that stands twice in one object of a JSON text. Who wrote it meant both of its values,
/// and a parser takes one of them without a word.
struct repeated_key {
    std::string name;
    std::size_t offset;  ///< behind the second one
};

/// The first of them in a valid JSON text, which may have comments and trailing commas.
[[nodiscard]] std::optional<repeated_key> find_repeated_key(std::string_view json);

}  // namespace lmstress::wire
