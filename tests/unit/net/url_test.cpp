#include "net/url.hpp"

#include <doctest/doctest.h>

#include <string>

using lmstress::errc;
using lmstress::net::parse_url;

namespace {

/// "host port host_header prefix", or "error".
std::string read(const std::string& text) {
    const auto e = parse_url(text);
    if (e.has_error()) return "error";
    return e->host + ' ' + e->port + ' ' + e->host_header + ' ' + e->prefix;
}

}  // namespace

TEST_CASE("url: host and port, with or without the scheme") {
    CHECK(read("http://127.0.0.1:1234") == "127.0.0.1 1234 127.0.0.1:1234 ");
    CHECK(read("http://127.0.0.1:1234/") == "127.0.0.1 1234 127.0.0.1:1234 ");
    CHECK(read("localhost:1234") == "localhost 1234 localhost:1234 ");
    CHECK(read("http://Studio.local:1234") == "Studio.local 1234 Studio.local:1234 ");
}

TEST_CASE("url: without a port it is that of http, and the Host field has none") {
    CHECK(read("http://example.com") == "example.com 80 example.com ");
    CHECK(read("example.com") == "example.com 80 example.com ");
    CHECK(read("http://example.com:80") == "example.com 80 example.com:80 ");
}

TEST_CASE("url: an IPv6 address loses its brackets, but not in the Host field") {
    CHECK(read("http://[::1]:1234") == "::1 1234 [::1]:1234 ");
    CHECK(read("[fe80::1]") == "fe80::1 80 [fe80::1] ");
}

TEST_CASE("url: a route at its end is understood as the server itself") {
    for (const std::string route :
         {"/v1", "/api/v1", "/api/v0", "/v1/chat/completions", "/v1/completions", "/v1/responses",
          "/api/v0/chat/completions", "/api/v1/chat", "/v1/messages", "/api/chat",
          "/v1/embeddings"}) {
        CAPTURE(route);
        CHECK(read(std::string{"http://h:1"} + route) == "h 1 h:1 ");
        CHECK(read(std::string{"h:1"} + route) == "h 1 h:1 ");
        CHECK(read(std::string{"http://h:1/proxy"} + route) == "h 1 h:1 /proxy");
    }
}

TEST_CASE("url: any other path stands in front of every route") {
    CHECK(read("http://h:1/behind/a/proxy") == "h 1 h:1 /behind/a/proxy");
    CHECK(read("http://h:1/proxy/") == "h 1 h:1 /proxy");
    CHECK(read("http://h:1//") == "h 1 h:1 ");
    CHECK(read("http://h:1/v1/models") == "h 1 h:1 /v1/models");
}

TEST_CASE("url: what is no URL of a server is a usage error that quotes it") {
    for (const std::string text :
         {"", "http://", "http://:1234", "ftp://h", "http://h:0", "http://h:65536", "http://h:x",
          "http://h:99999999999", "http://h?q=1", "http://h/#top", "http://user:secret@h",
          "http://h h", "://h", "http://[::1"}) {
        CAPTURE(text);
        const auto e = parse_url(text);
        REQUIRE(e.has_error());
        CHECK(e.error().code == errc::usage);
        CHECK_FALSE(e.error().message.empty());
        CHECK_FALSE(e.error().advice.empty());
    }
}

TEST_CASE("url: https means TLS, and another port where none is named") {
    const auto e = parse_url("https://h/v1");
    REQUIRE(e.has_value());
    CHECK(e->tls);
    CHECK(e->port == "443");
    CHECK(e->prefix.empty());
    CHECK_FALSE(parse_url("http://h")->tls);
}

TEST_CASE("url: a slash at the end and the case of the scheme change nothing") {
    for (const char* text : {"http://h:1/v1/", "HTTP://h:1/api/v1//", "http://h:1/"}) {
        CAPTURE(std::string{text});
        const auto e = parse_url(text);
        REQUIRE(e.has_value());
        CHECK(e->prefix.empty());
    }
}

TEST_CASE("header: a name and a value, and no way to break out of the head") {
    using lmstress::net::parse_header;
    CHECK(parse_header("X-Team:  blue").value() ==
          std::pair<std::string, std::string>{"X-Team", "blue"});
    CHECK(parse_header("Empty:").value().second.empty());
    for (const char* bad : {"", "no colon", ": value", "Na me: x", "X: a\r\nHost: evil", "X\n: a",
                            "Host: other", "content-length: 3", "X-Request-Id: 1"}) {
        CAPTURE(std::string{bad});
        CHECK(parse_header(bad).has_error());
    }
    lmstress::target_settings t;
    CHECK(lmstress::net::header_fields("", t).empty());
    t.api_token = "sk";
    t.headers = {{"X-Team", "blue"}};
    CHECK(lmstress::net::header_fields("", t) == "Authorization: Bearer sk\r\nX-Team: blue\r\n");
    t.headers.push_back({"authorization", "mine"});
    t.headers.push_back({"accept", "x"});
    CHECK(lmstress::net::header_fields("Accept: y\r\nB: c\r\n", t) ==
          "B: c\r\nX-Team: blue\r\nauthorization: mine\r\naccept: x\r\n");
}
