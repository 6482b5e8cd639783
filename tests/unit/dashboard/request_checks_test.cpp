#include "dashboard/request_checks.hpp"

#include "wire/base64.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace lmstress::dashboard;

namespace {

const access_rules on_this_machine{.loopback = true, .access_token = {}, .page_token = "0123abcd"};
const access_rules for_others{
    .loopback = false, .access_token = "open sesame", .page_token = "0123abcd"};

http_request get(const std::string& host) {
    return {.method = "GET", .path = "/api/runs", .host = host};
}

http_request post() {
    return {.method = "POST",
            .path = "/api/jobs",
            .host = "127.0.0.1:8765",
            .origin = "http://127.0.0.1:8765",
            .content_type = "application/json; charset=utf-8",
            .page_token = "0123abcd",
            .body = "{}"};
}

unsigned status(const http_request& r, const access_rules& rules = on_this_machine) {
    const auto no = refused(r, rules);
    return no ? no->status : 200;
}

}  // namespace

TEST_CASE("dashboard: only names that nobody else can have are answered") {
    for (const char* host : {"127.0.0.1", "127.0.0.1:8765", "localhost", "LocalHost:1", "[::1]",
                             "[::1]:8765", "127.3.2.1:80"}) {
        CAPTURE(host);
        CHECK(status(get(host)) == 200);
    }
    for (const char* host :
         {"", "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil",
          "::1", "192.168.1.2:8765", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:876543", "[::1",
          "[::1]x:1", "localhost:80@evil.example", "127.0.0.1 evil", "127.0.0.1\t"}) {
        CAPTURE(host);
        CHECK(status(get(host)) == 421);
    }
}

TEST_CASE("dashboard: what a proxy is known by is a host name") {
    for (const char* host : {"lab", "lmstress.example", "LMstress.example:8443", "a-b.c_d.example",
                             "192.168.1.2:8765", "[fd00::1]:8765", "localhost"}) {
        CAPTURE(host);
        CHECK(is_host_name(host));
    }
    for (const std::string& host :
         {std::string{}, std::string{"evil com"}, std::string{"a..b"}, std::string{".a"},
          std::string{"a."}, std::string{"-a.b"}, std::string{"a.b-"}, std::string{"a:"},
          std::string{"a:b"}, std::string{"https://a.b"}, std::string{"a/b"}, std::string{"a\n"},
          std::string{"[a]"}, std::string{"*.example"}, std::string(64, 'a')}) {
        CAPTURE(host);
        CHECK_FALSE(is_host_name(host));
    }
}

TEST_CASE("dashboard: others need the access token, as a password or a bearer's") {
    http_request r = get("192.168.1.2:8765");
    CHECK(status(r, for_others) == 401);
    const auto no = refused(r, for_others);
    CHECK(no->headers.front().first == "WWW-Authenticate");
    for (const std::string& wrong :
         {std::string{"Bearer open"}, std::string{"Bearer open sesame "}, std::string{"Bearer "},
          std::string{"Basic open sesame"}, std::string{"Digest open sesame"},
          "Basic " + lmstress::wire::base64("open sesame"),
          "Basic " + lmstress::wire::base64("me:open")}) {
        r.authorization = wrong;
        CAPTURE(wrong);
        CHECK(status(r, for_others) == 401);
    }
    for (const std::string& right :
         {std::string{"Bearer open sesame"}, std::string{"bearer open sesame"},
          "Basic " + lmstress::wire::base64("me:open sesame")}) {
        r.authorization = right;
        CAPTURE(right);
        CHECK(status(r, for_others) == 200);
    }
    // A name may be made to point here by whoever owns it.
    r.host = "evil.example:8765";
    CHECK(status(r, for_others) == 421);
}

TEST_CASE("dashboard: what changes something is of the page, as JSON, with its token") {
    CHECK(status(post()) == 200);
    const auto with = [](auto change) {
        http_request r = post();
        change(r);
        return status(r);
    };
    CHECK(with([](auto& r) { r.content_type = "text/plain"; }) == 415);
    CHECK(with([](auto& r) { r.content_type = ""; }) == 415);
    CHECK(with([](auto& r) { r.content_type = "application/jsonp"; }) == 415);
    CHECK(with([](auto& r) { r.content_type = "application/x-www-form-urlencoded"; }) == 415);
    CHECK(with([](auto& r) { r.origin = ""; }) == 403);
    CHECK(with([](auto& r) { r.origin = "null"; }) == 403);
    CHECK(with([](auto& r) { r.origin = "http://127.0.0.1:9999"; }) == 403);
    CHECK(with([](auto& r) { r.origin = "http://localhost:8765"; }) == 403);
    CHECK(with([](auto& r) { r.origin = "https://127.0.0.1:8765"; }) == 403);
    CHECK(with([](auto& r) { r.page_token = ""; }) == 403);
    CHECK(with([](auto& r) { r.page_token = "0123abce"; }) == 403);
    CHECK(with([](auto& r) { r.page_token = "0123abcd0"; }) == 403);
    CHECK(with([](auto& r) { r.page_token = "0123abc"; }) == 403);
    for (const char* method : {"PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", ""}) {
        CAPTURE(method);
        CHECK(with([&](auto& r) { r.method = method; }) == 405);
    }
}

TEST_CASE("dashboard: targets are taken apart, and what is none is refused") {
    http_request r;
    REQUIRE(read_target("/api/runs?model=a%2Fb+c&x&tag=%26&=", r));
    CHECK(r.path == "/api/runs");
    CHECK(r.parameter("model") == "a/b c");
    CHECK(r.parameter("tag") == "&");
    CHECK(r.parameter("x").empty());
    CHECK(r.parameter("other").empty());
    http_request dots;
    // Paths are compared, and open no file: what is in them leads nowhere.
    REQUIRE(read_target("/api/runs/..%2f..%2Fetc/passwd", dots));
    CHECK(dots.path == "/api/runs/../../etc/passwd");
    for (const char* wrong : {"", "api", "http://127.0.0.1/", "*", "/%", "/%g0", "/%0", "/%00",
                              "/a%0ab", "/%FF", "/?a=%ff", "/?a=%1"}) {
        CAPTURE(wrong);
        http_request none;
        CHECK_FALSE(read_target(wrong, none));
    }
}
