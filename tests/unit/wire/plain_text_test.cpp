#include "wire/plain_text.hpp"

#include <doctest/doctest.h>

#include <string>

using lmstress::wire::plain_length;

TEST_CASE("plain_text: what stands for itself in a JSON string, and where that ends") {
    struct row {
        std::string text;
        std::size_t plain;
    };
    for (const row& r : {row{"", 0},
                         {"abc ~/\x7F", 7},
                         {"Привет, 世界 \xF0\x9F\x98\x80", 25},
                         {"a\"b", 1},
                         {"a\\b", 1},
                         {"ab\nc", 2},
                         {std::string("a\0b", 3), 1},
                         {"\x1F", 0},
                         {"a\xFF", 1},          // no UTF-8
                         {"a\xC3", 1},          // cut
                         {"a\xED\xA0\x80", 1},  // a surrogate
                         {"a\xC0\xAF", 1}}) {   // overlong
        CAPTURE(r.text);
        CHECK(plain_length(r.text) == r.plain);
    }
}
