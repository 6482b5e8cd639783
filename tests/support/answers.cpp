#include "support/answers.hpp"

#include "api/answer.hpp"
#include "support/collecting_sink.hpp"
#include "support/splits.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace test {

std::string http_answer(int status, std::string_view content_type, std::string_view content) {
    return fmt::format("HTTP/1.1 {} X\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n{}", status,
                       content_type, content.size(), content);
}

std::vector<std::string> read_answer(std::string_view api,
                                     const std::vector<std::string_view>& pieces, connection c) {
    collecting_sink sink;
    lmstress::api::answer a{*lmstress::api::find_api(api), sink};
    // A copy each, so that a view that is kept too long is found by the sanitizer.
    for (const auto piece : pieces) a.push(std::string{piece});
    if (c == connection::closes) a.close();
    return sink.lines;
}

std::vector<std::string> read_every_split(std::string_view api, std::string_view answer) {
    const auto whole = read_answer(api, {answer});
    std::size_t different = 0;
    for_each_single_split(
        answer, [&](const auto& pieces) { different += read_answer(api, pieces) != whole; });
    CHECK(different == 0);
    return whole;
}

}  // namespace test
