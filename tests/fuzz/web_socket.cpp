// WebSocket frames of either end: however the bytes are cut, the messages are the same.

#include "wire/web_socket.hpp"

#include "fuzz/fuzz.hpp"

#include <vector>

namespace fuzz {
namespace {

using namespace lmstress;
using wire::web_socket_parser;

struct sink final : wire::web_socket_sink {
    void on_message(std::string_view text) override { said.push_back("m" + std::string{text}); }
    void on_ping(std::string_view payload) override { said.push_back("p" + std::string{payload}); }
    void on_close(std::uint16_t code, std::string_view reason) override {
        said.push_back("c" + std::to_string(code) + std::string{reason});
    }
    std::vector<std::string> said;
};

struct outcome {
    outcome(std::string_view bytes, std::size_t piece, web_socket_parser::sender from) {
        sink to;
        web_socket_parser parser{to, from};
        push_in_pieces(bytes, piece, [&](std::string_view p) { parser.push(p); });
        said = std::move(to.said);
        state = parser.state();
        at_rest = parser.at_rest();
    }
    bool operator==(const outcome&) const = default;

    std::vector<std::string> said;
    web_socket_parser::status state;
    bool at_rest;
};

}  // namespace

void take(std::string_view input) {
    using enum web_socket_parser::sender;
    const std::size_t options = choice(input);
    const auto from = options % 2 == 0 ? server : client;
    const std::size_t piece = 1 + options / 2 % 16;
    require(outcome{input, input.size() + 1, from} == outcome{input, piece, from});
    // What we write ourselves is read as it was.
    const auto mask = from == client ? std::optional<std::uint32_t>{0x12345678} : std::nullopt;
    const std::string frame = wire::web_socket_frame(wire::web_socket_opcode::text, input, mask);
    const outcome back{frame, piece, from};
    require(back.said == std::vector<std::string>{"m" + std::string{input}} && back.at_rest);
}

}  // namespace fuzz
