#include "wire/repeated_key.hpp"

#include <doctest/doctest.h>

#include <string>

using lmstress::wire::find_repeated_key;

namespace {

std::string repeated_in(std::string_view json) {
    const auto found = find_repeated_key(json);
    return found ? found->name : "none";
}

}  // namespace

TEST_CASE("repeated_key: a name that stands twice in one object is found, at any depth") {
    CHECK(repeated_in(R"({"a": 1, "a": 2})") == "a");
    CHECK(repeated_in(R"({"a": {"b": [1, {"c": 1, "d": 2, "c": 3}]}})") == "c");
    CHECK(repeated_in(R"({"load": {"x": 1}, "load": {}})") == "load");
    // The same name in other letters of the source.
    CHECK(repeated_in(R"({"ab": 1, "\u0061b": 2})") == "ab");
    const std::string_view text = R"({"a": 1, "a": 2})";
    const std::size_t at = find_repeated_key(text)->offset;
    CHECK(at > text.find("1"));
    CHECK(at <= text.find("2"));
}

TEST_CASE("repeated_key: the same name in different objects, and in comments and texts, is fine") {
    CHECK(repeated_in(R"({"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}],})") == "none");
    CHECK(repeated_in(R"({"a": "{\"a\": 1}", /* "a": 2 */ "A": 3} // "a": 4)") == "none");
    CHECK(repeated_in("[]") == "none");
    CHECK(repeated_in("") == "none");
}
