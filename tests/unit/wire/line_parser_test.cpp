#include "wire/line_parser.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using lmstress::wire::line_parser;

namespace {

struct collected final : lmstress::wire::line_sink {
    std::vector<std::string> lines;
    void on_line(std::string_view line) override { lines.emplace_back(line); }
};

std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
    collected sink;
    line_parser parser;
    for (const std::string& piece : pieces) {
        CHECK(parser.push(piece, sink) == line_parser::status::ok);
    }
    parser.finish(sink);
    return sink.lines;
}

}  // namespace

TEST_CASE("line_parser: the lines are the same however the bytes are cut") {
    const std::string text = "{\"a\":1}\r\n\n{\"b\":2}\n\r\nlast";
    const std::vector<std::string> lines = {"{\"a\":1}", "{\"b\":2}", "last"};
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            CHECK(lines_of({text.substr(0, first), text.substr(first, second - first),
                            text.substr(second)}) == lines);
        }
    }
}

TEST_CASE("line_parser: a line over the bound ends it") {
    collected sink;
    line_parser parser{8};
    CHECK(parser.push("12345678\n1234", sink) == line_parser::status::ok);
    CHECK(parser.push("56789", sink) == line_parser::status::line_too_large);
    CHECK(parser.push("\nmore\n", sink) == line_parser::status::line_too_large);
    parser.finish(sink);
    CHECK(sink.lines == std::vector<std::string>{"12345678"});
}
