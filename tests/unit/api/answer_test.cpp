#include "api/answer.hpp"

#include "support/collecting_sink.hpp"
#include "support/splits.hpp"
#include "support/streams.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using lmstress::api::answer;
using lines = std::vector<std::string>;

namespace {

enum class peer { stays, closes };

/// All that can be seen of an answer once its bytes have come.
struct seen {
    lines events;
    std::size_t frames;
    int status;
    bool settled;
    bool failed;
    bool over;
    bool reusable;
    friend bool operator==(const seen&, const seen&) = default;
};

seen read(std::string_view api, const std::vector<std::string_view>& pieces, peer p = peer::stays) {
    test::collecting_sink sink;
    answer a{*lmstress::api::find_api(api), sink};
    // A copy each, so that a view that is kept too long is found by the sanitizer.
    for (const auto piece : pieces) a.push(std::string{piece});
    if (p == peer::closes) a.close();
    return {sink.lines, sink.frames, a.head().status, a.settled(),
            a.failed(), a.over(),    a.reusable()};
}

/// The events, after a check that no way of cutting the bytes changes anything that can be seen.
lines read_every_split(std::string_view api, const std::string& bytes, peer p = peer::stays) {
    const seen whole = read(api, {bytes}, p);
    std::size_t different = 0;
    test::for_each_single_split(
        bytes, [&](const auto& pieces) { different += !(read(api, pieces, p) == whole); });
    CHECK(different == 0);
    return whole.events;
}

std::string head(const std::string& fields, int status = 200) {
    return fmt::format("HTTP/1.1 {} Some Reason\r\nX-Powered-By: Express\r\n{}\r\n", status,
                       fields);
}

/// A chunked answer with each event in a chunk of its own, as servers flush them.
std::string streamed(std::string_view body, const std::string& fields =
                                                "Content-Type: text/event-stream\r\n"
                                                "Connection: keep-alive\r\n") {
    std::string out = head(fields + "Transfer-Encoding: chunked\r\n");
    while (!body.empty()) {
        const std::size_t end = std::min(body.find("\n\n"), body.size() - 2) + 2;
        out += fmt::format("{:x}\r\n{}\r\n", end, body.substr(0, end));
        body.remove_prefix(end);
    }
    return out + "0\r\n\r\n";
}

std::string plain(const std::string& body, int status = 200,
                  const std::string& type = "application/json; charset=utf-8") {
    return head(fmt::format("Content-Type: {}\r\nContent-Length: {}\r\nConnection: keep-alive\r\n",
                            type, body.size()),
                status) +
           body;
}

const std::string native = test::stream("lmstudio-native");
const std::string openai = test::stream("lmstudio-openai-first");
const std::string a_token = "event: message.delta\ndata: {\"content\":\"a\"}\n\n";

}  // namespace

TEST_CASE("answer: a whole native answer, cut anywhere, gives the same events") {
    CHECK(read_every_split("lmstudio", streamed(native)) == test::decode("lmstudio", native));
    const seen whole = read("lmstudio", {streamed(native)});
    CHECK(whole.frames == 9);
    CHECK(whole.status == 200);
    CHECK(whole.settled);
    CHECK_FALSE(whole.failed);
    CHECK(whole.over);
    CHECK(whole.reusable);
}

TEST_CASE("answer: a whole OpenAI answer, cut anywhere, gives the same events") {
    CHECK(read_every_split("openai-chat", streamed(openai)) == test::decode("openai-chat", openai));
    CHECK(read("openai-chat", {streamed(openai)}).reusable);
}

TEST_CASE("answer: every recorded stream, cut anywhere, gives the same events") {
    for (const auto& s : test::streams()) {
        INFO(s.name);
        read_every_split("lmstudio", streamed(s.bytes + "\n\n"));
        read_every_split("openai-chat", streamed(s.bytes + "\n\n"));
        read_every_split("openai-responses", streamed(s.bytes + "\n\n"));
    }
}

TEST_CASE("answer: an answer whose end is the end of the connection") {
    const std::string bytes = head("Content-Type: text/event-stream\r\n") + native;
    CHECK(read_every_split("lmstudio", bytes, peer::closes) == test::decode("lmstudio", native));
    CHECK_FALSE(read("lmstudio", {bytes}, peer::closes).reusable);
}

TEST_CASE("answer: it is settled with its end event, over with its HTTP message") {
    const std::string bytes = streamed(native);
    const std::string_view all = bytes;
    const seen before = read("lmstudio", {all.substr(0, all.size() - 5)});
    CHECK(before.settled);
    CHECK_FALSE(before.over);
    CHECK_FALSE(before.reusable);
    CHECK_FALSE(read("lmstudio", {all.substr(0, bytes.find("event: chat.end"))}).settled);
}

TEST_CASE("answer: what follows the end event is not read") {
    CHECK(read("lmstudio", {streamed(native + a_token)}).events ==
          read("lmstudio", {streamed(native)}).events);
    CHECK(read("openai-chat", {streamed(openai + openai)}).events ==
          read("openai-chat", {streamed(openai)}).events);
}

TEST_CASE("answer: a connection closed before the end event never looks complete") {
    const std::string bytes = streamed(native);
    const std::size_t end = bytes.find("event: chat.end");
    const std::size_t last_byte = bytes.find("\n\n", end) + 2;
    const lines nothing = {"failure reset: the server closed the connection unanswered"};
    CHECK(read("lmstudio", {}, peer::closes).events == nothing);
    CHECK(read("openai-chat", {}, peer::closes).events == nothing);
    for (std::size_t n = 1; n < bytes.size(); ++n) {
        CAPTURE(n);
        const seen cut = read("lmstudio", {std::string_view{bytes}.substr(0, n)}, peer::closes);
        const bool truncated =
            cut.events.back() == "failure truncated: the connection ended within the answer";
        REQUIRE(truncated == (n < last_byte));
        REQUIRE((cut.events.back() == "end") == (n >= last_byte));
        REQUIRE(cut.failed == truncated);
        REQUIRE(cut.settled);
        REQUIRE(cut.over);
        REQUIRE_FALSE(cut.reusable);
    }
}

TEST_CASE("answer: an OpenAI answer cut before [DONE] never looks complete") {
    const std::string bytes = streamed(openai);
    const std::size_t last_byte = bytes.find("[DONE]") + 8;
    for (std::size_t n = 1; n < bytes.size(); ++n) {
        CAPTURE(n);
        const seen cut = read("openai-chat", {std::string_view{bytes}.substr(0, n)}, peer::closes);
        const bool truncated =
            cut.events.back() == "failure truncated: the connection ended within the answer";
        REQUIRE(truncated == (n < last_byte));
        REQUIRE((cut.events.back() == "end") == (n >= last_byte));
        REQUIRE_FALSE(cut.reusable);
    }
}

TEST_CASE("answer: without any length, only chat.end makes a native answer whole") {
    const std::string bytes = head("Content-Type: text/event-stream\r\n") + native;
    const std::size_t body = bytes.find("\r\n\r\n") + 4;
    for (std::size_t n = body; n < bytes.size(); ++n) {
        CAPTURE(n);
        const seen cut = read("lmstudio", {std::string_view{bytes}.substr(0, n)}, peer::closes);
        REQUIRE(cut.failed);
        REQUIRE(cut.events.back() == "failure truncated: the stream ended without chat.end");
    }
    CHECK_FALSE(read("lmstudio", {bytes}, peer::closes).failed);
}

TEST_CASE("answer: an error event and then chat.end is a failure, and the rest is read") {
    const std::string bytes =
        streamed(test::stream("lmstudio-native-error") + a_token + "event: chat.end\ndata: {}\n\n");
    CHECK(read_every_split("lmstudio", bytes) ==
          lines{"failure bad_request: \"model\" is required", "text answer 'a'", "end"});
    CHECK(read("lmstudio", {bytes}).failed);
    CHECK(read("lmstudio", {bytes}).reusable);
}

TEST_CASE("answer: an error event and then no chat.end is that failure, reported once") {
    const std::string bytes = streamed(test::stream("lmstudio-native-error"));
    const lines expected = {"failure bad_request: \"model\" is required"};
    CHECK(read_every_split("lmstudio", bytes) == expected);
    CHECK(read("lmstudio", {std::string_view{bytes}.substr(0, bytes.size() - 5)}, peer::closes)
              .events == expected);
}

TEST_CASE("answer: nothing is read after an OpenAI error") {
    const std::string text = "data: {\"error\":{\"message\":\"Model unloaded.\"}}\n\n";
    CHECK(read_every_split("openai-chat", streamed(text + openai)) ==
          lines{"failure model_unloaded: Model unloaded."});
    CHECK(read("openai-chat", {streamed(text + openai)}).reusable);
}

TEST_CASE("answer: nothing is read after a bad frame, and the connection is given up") {
    const std::string body = a_token + "event: message.delta\ndata: {\"content\":\n\n" + a_token +
                             "event: chat.end\ndata: {}\n\n";
    const std::string bytes =
        head("Content-Type: text/event-stream\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n") +
        body;
    CHECK(read_every_split("lmstudio", bytes) ==
          lines{"text answer 'a'", "failure bad_frame: {\"content\":"});
    const seen whole = read("lmstudio", {bytes});
    CHECK(whole.over);
    CHECK_FALSE(whole.reusable);
}

TEST_CASE("answer: 200 with a JSON error is the failure that its text says") {
    const std::string bytes = plain("{\"error\":\"Unexpected endpoint or method. (POST /v2)\"}");
    const lines expected = {"failure bad_request: Unexpected endpoint or method. (POST /v2)"};
    CHECK(read_every_split("lmstudio", bytes) == expected);
    CHECK(read_every_split("openai-chat", bytes) == expected);
    CHECK(read("lmstudio", {bytes}).reusable);
}

TEST_CASE("answer: 200 with a JSON answer is no stream") {
    const std::string body = R"({"id":"chatcmpl-0","choices":[{"message":{"content":"Hi"}}]})";
    CHECK(read_every_split("openai-chat", plain(body)) == lines{"failure not_a_stream: " + body});
    const std::string with_null = R"({"error":null,"choices":[]})";
    CHECK(read_every_split("openai-chat", plain(with_null)) ==
          lines{"failure not_a_stream: " + with_null});
}

TEST_CASE("answer: an empty body is no stream, whatever the header promised") {
    CHECK(read_every_split("lmstudio", plain("")) == lines{"failure not_a_stream: an empty body"});
    CHECK(read_every_split("lmstudio", streamed("")) ==
          lines{"failure truncated: the stream ended without chat.end"});
    CHECK(read_every_split("lmstudio", plain("", 500)) ==
          lines{"failure server_error: an empty body"});
}

TEST_CASE("answer: HTML under a status is what the status says") {
    const std::string html = "<html><body>Internal Server Error</body></html>";
    CHECK(read_every_split("lmstudio", plain(html, 500, "text/html")) ==
          lines{"failure server_error: " + html});
    CHECK(read_every_split("lmstudio", plain(html, 200, "text/html")) ==
          lines{"failure not_a_stream: " + html});
    CHECK(read_every_split("lmstudio", plain(html, 502, "text/event-stream")) ==
          lines{"failure server_error: " + html});
}

TEST_CASE("answer: the text of an error decides before its status") {
    CHECK(read_every_split(
              "openai-chat",
              plain(R"({"error":"The model has crashed without additional information."})", 400)) ==
          lines{"failure engine_failed: The model has crashed without additional information."});
    CHECK(read_every_split("lmstudio",
                           plain(R"({"error":{"type":"model_not_found","message":"Invalid"}})",
                                 404)) == lines{"failure model_not_found: Invalid"});
}

TEST_CASE("answer: a stream under a wrong content type, or none, is read as the stream it is") {
    const lines expected = test::decode("lmstudio", native);
    CHECK(read_every_split("lmstudio", streamed(native, "Content-Type: application/json\r\n")) ==
          expected);
    CHECK(read_every_split("lmstudio", streamed(native, "")) == expected);
    CHECK(read_every_split("openai-chat", streamed(openai, "Content-Type: text/plain\r\n")) ==
          test::decode("openai-chat", openai));
    CHECK(read_every_split("openai-chat", streamed(": ping\n\n" + openai, "")) ==
          test::decode("openai-chat", openai));
}

TEST_CASE("answer: a large piece of a stream under a wrong content type is read whole") {
    const std::string body = "data: " + std::string(100'000, ' ') + "{}\n\n" + native;
    CHECK(read("lmstudio", {plain(body)}).events.back() == "end");
}

TEST_CASE("answer: a body that only begins like a stream is none") {
    CHECK(read_every_split("lmstudio", plain("dat", 200, "text/plain")) ==
          lines{"failure not_a_stream: dat"});
    CHECK(read_every_split("lmstudio", plain("even more", 200, "text/plain")) ==
          lines{"failure not_a_stream: even more"});
}

TEST_CASE("answer: the content type of a stream may have parameters and any case") {
    CHECK(read("openai-chat",
               {streamed(openai, "content-type: Text/Event-Stream; charset=utf-8\r\n")})
              .events == test::decode("openai-chat", openai));
}

TEST_CASE("answer: an event over a mebibyte is refused") {
    const std::string bytes =
        streamed(a_token + "data: " + std::string((1U << 20U) + 1, 'x') + "\n\n" + a_token);
    const seen whole = read("lmstudio", {bytes});
    CHECK(whole.events == lines{"text answer 'a'",
                                "failure event_too_large: an event of the stream is over 1 MiB"});
    CHECK(whole.over);
    CHECK_FALSE(whole.reusable);
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < bytes.size(); i += 60'000) {
        pieces.push_back(std::string_view{bytes}.substr(i, 60'000));
    }
    CHECK(read("lmstudio", pieces).events == whole.events);
}

TEST_CASE("answer: bytes that are no HTTP are said so") {
    CHECK(read_every_split("lmstudio", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n") ==
          lines{"failure not_http: the answer is not HTTP/1.1"});
    const std::string large = "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n";
    CHECK(read("lmstudio", {large}).events == lines{"failure not_http: the header is over 64 KiB"});
}

TEST_CASE("answer: a message is kept to 500 bytes") {
    const std::string body = R"({"error":")" + std::string(1000, 'x') + R"("})";
    CHECK(read("lmstudio", {plain(body, 500)}).events ==
          lines{"failure server_error: " + std::string(500, 'x')});
    const std::string large(70'000, 'y');
    test::collecting_sink sink;
    answer a{*lmstress::api::find_api("lmstudio"), sink};
    a.push(plain(large, 200, "text/plain"));
    CHECK(sink.lines == lines{"failure not_a_stream: " + std::string(500, 'y')});
}

TEST_CASE("answer: a message is not cut within a character") {
    const std::string text = std::string(499, 'x') + "ж";
    CHECK(read("lmstudio", {plain(R"({"error":")" + text + R"("})", 500)}).events ==
          lines{"failure server_error: " + std::string(499, 'x')});
}

TEST_CASE("answer: a connection is reusable only after a whole answer that keeps it") {
    CHECK(read("lmstudio", {plain(R"({"error":"x"})", 500)}).reusable);
    CHECK_FALSE(read("lmstudio",
                     {streamed(native, "Content-Type: text/event-stream\r\nConnection: close\r\n")})
                    .reusable);
    CHECK_FALSE(read("lmstudio", {streamed(native) + "x"}).reusable);
    CHECK_FALSE(read("lmstudio", {}).reusable);
}

TEST_CASE("answer: closing after a whole answer changes nothing") {
    CHECK(read("lmstudio", {streamed(native)}, peer::closes).events ==
          read("lmstudio", {streamed(native)}).events);
}
