#include "wire/web_socket.hpp"

#include "support/splits.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using lmstress::wire::web_socket_frame;
using lmstress::wire::web_socket_opcode;
using lmstress::wire::web_socket_parser;
using status = web_socket_parser::status;

namespace {

struct kept final : lmstress::wire::web_socket_sink {
    void on_message(std::string_view text) override { said.push_back("text " + std::string{text}); }
    void on_ping(std::string_view payload) override {
        said.push_back("ping " + std::string{payload});
    }
    void on_close(std::uint16_t code, std::string_view reason) override {
        said.push_back("close " + std::to_string(code) + ' ' + std::string{reason});
    }
    std::vector<std::string> said;
};

/// A frame of which everything can be wrong.
std::string raw(unsigned first, const std::string& payload) {
    std::string out;
    out += static_cast<char>(first);
    out += static_cast<char>(payload.size());
    return out + payload;
}

status after(const std::string& bytes) {
    kept sink;
    web_socket_parser parser{sink};
    return parser.push(bytes);
}

}  // namespace

TEST_CASE("web socket: messages, fragments, pings between them and the end, at every split") {
    const std::string bytes = web_socket_frame(web_socket_opcode::text, "one") + raw(0x01, "tw") +
                              raw(0x89, "p") + raw(0x00, "") + raw(0x80, "o") + raw(0x8A, "") +
                              web_socket_frame(web_socket_opcode::text, "") +
                              raw(0x88, std::string{"\x03\xE8", 2} + "bye") + "whatever";
    const std::vector<std::string> expected = {"text one", "ping p", "text two", "text ",
                                               "close 1000 bye"};
    test::for_each_split(bytes, [&](const std::vector<std::string_view>& pieces) {
        kept sink;
        web_socket_parser parser{sink};
        for (const std::string_view piece : pieces) parser.push(piece);
        REQUIRE(sink.said == expected);
        REQUIRE(parser.state() == status::closed);
    });
}

TEST_CASE("web socket: lengths of each width, masked and not, come back as they were") {
    for (const std::size_t n : {0UL, 1UL, 125UL, 126UL, 65'535UL, 65'536UL, 1'048'576UL}) {
        CAPTURE(n);
        std::string text(n, 'x');
        for (std::size_t i = 0; i < n; i += 7) text[i] = static_cast<char>('a' + i % 26);
        for (const bool masked : {false, true}) {
            kept sink;
            web_socket_parser parser{sink, masked ? web_socket_parser::sender::client
                                                  : web_socket_parser::sender::server};
            const auto mask = masked ? std::optional<std::uint32_t>{0x12345678} : std::nullopt;
            const std::string frame = web_socket_frame(web_socket_opcode::text, text, mask);
            REQUIRE(parser.push(frame.substr(0, frame.size() / 2)) == status::ok);
            CHECK_FALSE(parser.at_rest());
            REQUIRE(parser.push(frame.substr(frame.size() / 2)) == status::ok);
            CHECK(parser.at_rest());
            REQUIRE(sink.said.size() == 1);
            CHECK(sink.said[0] == "text " + text);
            if (masked && n > 8) CHECK(frame.find(text.substr(0, 8)) == std::string::npos);
        }
    }
    // RFC 6455, 5.7: a masked "Hello".
    CHECK(web_socket_frame(web_socket_opcode::text, "Hello", 0x37FA213D) ==
          "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST_CASE("web socket: what no server may send is a bad frame, and too much is too large") {
    CHECK(after(raw(0xC1, "x")) == status::bad_frame);                   // a reserved bit
    CHECK(after(raw(0x83, "x")) == status::bad_frame);                   // an unknown opcode
    CHECK(after(raw(0x82, "x")) == status::bad_frame);                   // binary
    CHECK(after(raw(0x80, "x")) == status::bad_frame);                   // goes on from nothing
    CHECK(after(raw(0x01, "x") + raw(0x81, "y")) == status::bad_frame);  // begins within another
    CHECK(after(raw(0x09, "x")) == status::bad_frame);                   // a ping in fragments
    CHECK(after("\x89\x7E") == status::ok);
    CHECK(after(std::string{"\x89\x7E\x01\x00", 4}) == status::bad_frame);  // too long a ping
    CHECK(after(web_socket_frame(web_socket_opcode::text, "x", 1)) == status::bad_frame);
    CHECK(after(std::string{"\x81\x7F\x00\x00\x00\x00\x00\x10\x00\x01", 10}) == status::too_large);
    const std::string half(web_socket_parser::max_message_bytes, 'x');
    std::string first = web_socket_frame(web_socket_opcode::text, half);
    first[0] = 0x01;
    CHECK(after(first + raw(0x80, "x")) == status::too_large);
}
