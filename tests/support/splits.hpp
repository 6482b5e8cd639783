#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace test {

/// Calls `check(pieces)` for `bytes` whole, cut once and cut twice, at every place.
template <class Check>
void for_each_split(std::string_view bytes, Check check) {
    check(std::vector{bytes});
    for (std::size_t i = 0; i <= bytes.size(); ++i) {
        check(std::vector{bytes.substr(0, i), bytes.substr(i)});
        for (std::size_t j = i; j <= bytes.size(); ++j) {
            check(std::vector{bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)});
        }
    }
}

/// Calls `check(pieces)` for `bytes` whole, cut once at every place, and byte by byte: for inputs
/// too long for every pair of places.
template <class Check>
void for_each_single_split(std::string_view bytes, Check check) {
    check(std::vector{bytes});
    std::vector<std::string_view> single;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        check(std::vector{bytes.substr(0, i), bytes.substr(i)});
        single.push_back(bytes.substr(i, 1));
    }
    check(single);
}

}  // namespace test
