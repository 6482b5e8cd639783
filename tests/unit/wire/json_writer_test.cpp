#include "wire/json_writer.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <optional>

using lmstress::wire::json_writer;

namespace {

template <class T>
std::string text_of(const T& value) {
    std::string out;
    json_writer{out}.value(value);
    return out;
}

}  // namespace

TEST_CASE("json_writer: compact and indented") {
    const auto write = [](json_writer::style style) {
        std::string out;
        json_writer w{out, style};
        w.begin_object()
            .field("a", 1)
            .key("b")
            .begin_array()
            .value("x")
            .value(true)
            .null()
            .end_array();
        w.key("c").begin_object().end_object().key("d").begin_array().end_array().end_object();
        return out;
    };
    CHECK(write(json_writer::style::compact) == R"({"a":1,"b":["x",true,null],"c":{},"d":[]})");
    CHECK(write(json_writer::style::indented) ==
          "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    true,\n    null\n  ],\n  \"c\": {},\n  "
          "\"d\": []\n}");
}

TEST_CASE("json_writer: numbers in their shortest form") {
    CHECK(text_of(0.1) == "0.1");
    CHECK(text_of(123456789.0) == "123456789");
    CHECK(text_of(281.0304449648712) == "281.0304449648712");
    CHECK(text_of(std::numeric_limits<double>::infinity()) == "null");
    CHECK(text_of(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text_of(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(text_of(std::optional<int>{}) == "null");
}

TEST_CASE("json_writer: strings are valid whatever the bytes") {
    CHECK(text_of("a\"b\\c\n\t\x01") == R"("a\"b\\c\n\t\u0001")");
    CHECK(text_of("Привет") == "\"Привет\"");
    CHECK(text_of("\xF0\x9F\x99\x82") == "\"\xF0\x9F\x99\x82\"");
    // Lone, overlong, surrogate and too large sequences become U+FFFD, a byte at a time.
    CHECK(text_of("\xFFz") == "\"\xEF\xBF\xBDz\"");
    CHECK(text_of("\xC0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(text_of("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(text_of("\xC3") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("json_writer: text that is JSON already is laid out anew, its numbers and strings kept") {
    const std::string text = R"({"a": 0.050, "b,[":[ 1,"x\"}:",{}], "c":{"d":null}})";
    std::string compact;
    json_writer{compact}.laid_out(text);
    CHECK(compact == R"({"a":0.050,"b,[":[1,"x\"}:",{}],"c":{"d":null}})");
    std::string inside;
    json_writer w{inside, json_writer::style::indented};
    w.begin_object().key("s").laid_out(text).field("t", 1).end_object();
    CHECK(inside ==
          "{\n  \"s\": {\n    \"a\": 0.050,\n    \"b,[\": [\n      1,\n      \"x\\\"}:\",\n      "
          "{}\n    ],\n"
          "    \"c\": {\n      \"d\": null\n    }\n  },\n  \"t\": 1\n}");
}
