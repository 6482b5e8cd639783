#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// What the fuzz targets share. A target is one file with one function, take(); CMakeLists.txt gives
// it the name of its file.

namespace fuzz {

/// Reads one input; called again and again in one process. What it finds wrong it says with
/// require(), and the sanitizers with their own words.
void take(std::string_view input);

/// Ends the process where something that always holds does not.
inline void require(bool holds) {
    if (!holds) std::abort();
}

/// Takes a byte off the front of the input, for a choice that is no part of what is read.
inline std::size_t choice(std::string_view& input) {
    if (input.empty()) return 0;
    const auto byte = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    return byte;
}

/// Hands `bytes` on in pieces of `size`, each of them a copy that is gone after the call: a view
/// that is kept too long is found by the sanitizer.
template <class Push>
void push_in_pieces(std::string_view bytes, std::size_t size, Push push) {
    while (!bytes.empty()) {
        push(std::string{bytes.substr(0, size)});
        bytes.remove_prefix(std::min(size, bytes.size()));
    }
}

}  // namespace fuzz
