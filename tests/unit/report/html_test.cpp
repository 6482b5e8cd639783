#include "report/html.hpp"

#include <boost/json/parse.hpp>

#include <doctest/doctest.h>

using namespace lmstress;

TEST_CASE("html: data stand in the page as text, whatever a server called its model") {
    const std::string hostile =
        "{\"model\":\"</script><script>alert(1)</script><!--\",\"a\":\"b&amp;\xE2\x80\xA8\xE2\x80"
        "\xA9\xE2\x80\xA6\"}";
    const auto page = report::html_page("<b>@LMSTRESS_DATA@</b>", hostile);
    REQUIRE(page);
    REQUIRE(page->starts_with("<b>"));
    REQUIRE(page->ends_with("</b>"));
    const std::string data = page->substr(3, page->size() - 7);
    CHECK(data.find_first_of("<>&") == std::string::npos);
    CHECK(data.find("\xE2\x80\xA8") == std::string::npos);
    CHECK(data.find("\xE2\x80\xA9") == std::string::npos);
    CHECK(data.find("\xE2\x80\xA6") != std::string::npos);  // any other character is as it was
    CHECK(boost::json::parse(data) == boost::json::parse(hostile));
}

TEST_CASE("html: a program that was built without its pages has none") {
    CHECK_FALSE(report::html_page("", "{}"));
}
