// NDJSON: however the bytes are cut, the lines are the same.

#include "fuzz/fuzz.hpp"
#include "wire/line_parser.hpp"

#include <vector>

namespace fuzz {
namespace {

using namespace lmstress;

constexpr std::size_t longest_line = 256;

struct sink final : wire::line_sink {
    void on_line(std::string_view line) override {
        require(line.find('\n') == std::string_view::npos && line.size() <= longest_line);
        lines.emplace_back(line);
    }
    std::vector<std::string> lines;
};

std::vector<std::string> lines_of(std::string_view bytes, std::size_t piece) {
    wire::line_parser parser{longest_line};
    sink to;
    bool failed = false;
    push_in_pieces(bytes, piece, [&](std::string_view p) {
        failed = parser.push(p, to) == wire::line_parser::status::line_too_large;
    });
    parser.finish(to);
    to.lines.emplace_back(failed ? "too large" : "whole");
    return to.lines;
}

}  // namespace

void take(std::string_view input) {
    const std::size_t piece = 1 + choice(input) % 16;
    require(lines_of(input, input.size() + 1) == lines_of(input, piece));
}

}  // namespace fuzz
