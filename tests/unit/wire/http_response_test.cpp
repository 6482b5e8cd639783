#include "wire/http_response.hpp"

#include "support/splits.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using lmstress::wire::http_head;
using lmstress::wire::http_response;
using status = http_response::status;

class collector final : public lmstress::wire::http_sink {
  public:
    void on_head(const http_head& h) override {
        head = h;
        ++heads;
    }
    void on_body(std::string_view piece) override { body += piece; }
    http_head head;
    int heads = 0;
    std::string body;
};

struct answer {
    status end;
    int http_status;
    std::string body;
    bool reusable;
    friend bool operator==(const answer&, const answer&) = default;
};

enum class peer { stays, closes };

answer parse(const std::vector<std::string_view>& pieces, peer p = peer::stays) {
    collector sink;
    http_response response{sink};
    for (const auto piece : pieces) response.push(std::string{piece});
    if (p == peer::closes) response.finish();
    return {response.state(), sink.head.status, sink.body, response.reusable()};
}

void check_every_split(const std::string& bytes, const answer& expected, peer p = peer::stays) {
    std::size_t different = 0;
    test::for_each_split(bytes,
                         [&](const auto& pieces) { different += !(parse(pieces, p) == expected); });
    test::for_each_single_split(
        bytes, [&](const auto& pieces) { different += !(parse(pieces, p) == expected); });
    CHECK(different == 0);
}

const std::string chunked_head =
    "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("http_response: a chunked body, cut anywhere") {
    check_every_split(chunked_head + "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
                      {status::complete, 200, "hello!", true});
}

TEST_CASE("http_response: an empty chunked body byte by byte (Beast before 1.86 asserts here)") {
    check_every_split(chunked_head + "0\r\n\r\n", {status::complete, 200, "", true});
}

TEST_CASE("http_response: chunk extensions and trailers are read and ignored") {
    check_every_split(chunked_head + "3;name=\"va;lue\"\r\nabc\r\n0;last\r\nX-Trailer: 1\r\n\r\n",
                      {status::complete, 200, "abc", true});
}

TEST_CASE("http_response: interim answers come before the real one") {
    const std::string bytes =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    check_every_split(bytes, {status::complete, 200, "ok", true});
    collector sink;
    http_response response{sink};
    response.push(bytes);
    CHECK(sink.heads == 1);
}

TEST_CASE("http_response: a body ended by close") {
    const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>gone";
    check_every_split(bytes, {status::complete, 200, "<p>gone", false}, peer::closes);
    CHECK(parse({bytes}).end == status::need_more);
}

TEST_CASE("http_response: the connection ends before the message does") {
    const std::string whole = chunked_head + "5\r\nhello\r\n0\r\n\r\n";
    for (std::size_t n = 0; n < whole.size(); ++n) {
        CAPTURE(n);
        CHECK(parse({std::string_view{whole}.substr(0, n)}, peer::closes).end == status::truncated);
    }
    CHECK(parse({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"}, peer::closes).end ==
          status::truncated);
}

TEST_CASE("http_response: Connection: close and surplus bytes forbid reuse") {
    CHECK_FALSE(
        parse({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"}).reusable);
    CHECK_FALSE(parse({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxy"}).reusable);
    CHECK(parse({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"}).reusable);
}

TEST_CASE("http_response: what is no HTTP is said so") {
    CHECK(parse({"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"}).end == status::not_http);
    CHECK(parse({"HTTP/2.0 200 OK\r\n\r\n"}).end == status::not_http);
    CHECK(parse({chunked_head + "zz\r\n"}).end == status::not_http);
}

TEST_CASE("http_response: what is no HTTP is none however it is cut") {
    for (const char* bytes :
         {"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "event: a\ndata: x\n\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nab",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000000000000000\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
          "HTTP/1.1 199 Wait\r\n\r\nevent: a\ndata: x\n\n", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n"}) {
        CAPTURE(bytes);
        std::size_t different = 0;
        test::for_each_single_split(
            bytes, [&](const auto& pieces) { different += parse(pieces).end != status::not_http; });
        CHECK(different == 0);
    }
}

TEST_CASE("http_response: headers over 64 KiB are refused") {
    const std::string under =
        "HTTP/1.1 200 OK\r\nX: " + std::string(60'000, 'a') + "\r\nContent-Length: 0\r\n\r\n";
    const std::string over = "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n";
    std::string endless = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 10'000; ++i) endless += "X-Header-" + std::to_string(i) + ": v\r\n";
    CHECK(parse({under}).end == status::complete);
    for (const std::string* bytes : {&over, static_cast<const std::string*>(&endless)}) {
        CHECK(parse({*bytes}).end == status::header_too_large);
        std::vector<std::string_view> pieces;
        for (std::size_t i = 0; i < bytes->size(); i += 1000) {
            pieces.push_back(std::string_view{*bytes}.substr(i, 1000));
        }
        CHECK(parse(pieces).end == status::header_too_large);
    }
}
