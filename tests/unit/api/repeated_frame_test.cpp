#include "api/repeated_frame.hpp"

#include "api/answer.hpp"
#include "support/answers.hpp"
#include "support/collecting_sink.hpp"
#include "support/splits.hpp"
#include "support/streams.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace lmstress;
using api::repeated_frame;
using kind = event::text::kind;

namespace {

std::string chat_frame(std::string_view content_json) {
    return R"({"id":"c","choices":[{"index":0,"delta":{"content":)" + std::string{content_json} +
           R"(},"finish_reason":null}]})";
}

/// What the memory makes of `next` after `first`, which was read into the answer `said`.
std::optional<event::text> after(const std::string& first, std::string_view said,
                                 const std::string& next) {
    repeated_frame memory;
    memory.learn({.type = {}, .data = first}, {kind::answer, said, 7});
    return memory.read({.type = {}, .data = next});
}

}  // namespace

TEST_CASE("repeated_frame: a frame that differs in its text alone is known") {
    const std::string first = chat_frame(R"("Hi")");
    for (const char* text : {"you", " ", "{}", "Привет, мир", "\xF0\x9F\x98\x80", "a:b,c"}) {
        CAPTURE(text);
        const std::string next = chat_frame('"' + std::string{text} + '"');
        const auto known = after(first, "Hi", next);
        REQUIRE(known);
        CHECK(known->content == text);
        CHECK(known->of == kind::answer);
        CHECK(known->tokens_so_far == 7);
        CHECK(known->content.data() >= next.data());
    }
}

TEST_CASE("repeated_frame: whatever could mean something else is left to the decoder") {
    const std::string first = chat_frame(R"("Hi")");
    const std::string beyond = chat_frame(R"("Hi")") + " ";
    for (const std::string& next :
         {chat_frame(R"("")"), chat_frame(R"("a\nb")"), chat_frame(R"("a\u0041")"),
          chat_frame(R"("a","content":"b")"), chat_frame("\"\x1F\""), chat_frame("\"\xFF\""),
          chat_frame("\"\xED\xA0\x80\""), chat_frame("\"\xC3\""), chat_frame("null"), beyond,
          std::string{R"({"id":"d")"}, std::string{}}) {
        CAPTURE(next);
        CHECK_FALSE(after(first, "Hi", next));
    }
}

TEST_CASE("repeated_frame: where the text stands must be beyond doubt") {
    const std::string next = chat_frame(R"("x")");
    // It stands there twice, once across two strings, or could be another one that is escaped.
    CHECK_FALSE(after(chat_frame(R"("c")"), "c", next));
    CHECK_FALSE(after(chat_frame(R"(":")"), ":", next));
    CHECK_FALSE(
        after(R"({"id":"Hi","content":"\u0048i"})", "Hi", R"({"id":"x","content":"\u0048i"})"));
    // Nor is it a string of the frame.
    CHECK_FALSE(after(chat_frame(R"("Hi")"), "Ho", next));
    CHECK_FALSE(after(chat_frame(R"("Hi")"), "", next));
}

TEST_CASE("repeated_frame: another type of event is another frame, and what is forgotten is gone") {
    const std::string first = chat_frame(R"("Hi")");
    repeated_frame memory;
    CHECK_FALSE(memory.read({.type = "a", .data = first}));
    memory.learn({.type = "a", .data = first}, {kind::reasoning, "Hi"});
    CHECK(memory.read({.type = "a", .data = first}));
    CHECK_FALSE(memory.read({.type = "b", .data = first}));
    CHECK_FALSE(memory.read({.type = "a", .data = first, .from_error_field = true}));
    memory.forget();
    CHECK_FALSE(memory.read({.type = "a", .data = first}));
}

namespace {

/// What takes the place of a text, in a frame of its own each: as it stands in JSON.
const std::vector<std::string> texts = {"a",        " b",     "\\n",   "", "\\u00e9",
                                        "\xC3\xA9", "c\\\"d", "data:", "e"};

/// A stream in which each frame is followed by copies of it that differ in one string: every
/// string of it, one after the other.
std::string with_copies(const std::string& stream) {
    std::string out;
    std::size_t begin = 0;
    while (begin < stream.size()) {
        const std::size_t end = std::min(stream.find("\n\n", begin), stream.size() - 2) + 2;
        const std::string frame = stream.substr(begin, end - begin);
        out += frame;
        const std::size_t close = frame.rfind('"');
        for (std::size_t at = frame.find(":\""); at != std::string::npos && at + 2 < close;
             at = frame.find(":\"", at + 1)) {
            const std::size_t quote = frame.find('"', at + 2);
            if (quote == std::string::npos) break;
            for (const std::string& text : texts) {
                out += frame.substr(0, at + 2) + text + frame.substr(quote);
            }
        }
        begin = end;
    }
    return out;
}

/// Frame after frame through the decoder alone.
std::vector<std::string> decoded(std::string_view api, const std::string& stream) {
    return test::decode(api, stream, test::body::ends);
}

}  // namespace

TEST_CASE("repeated_frame: an answer is read into what its decoder alone makes of it") {
    std::size_t read = 0;
    for (const auto& row : api::apis()) {
        if (row.body != api::framing::sse) continue;
        for (const auto& stream : test::streams()) {
            if (stream.bytes.size() < 4) continue;
            // What ends an answer would hide what comes after it.
            std::string bytes = with_copies(stream.bytes);
            CAPTURE(row.name);
            CAPTURE(stream.name);
            const auto whole = decoded(row.name, bytes);
            const bool ends = std::any_of(whole.begin(), whole.end(), [](const std::string& line) {
                return line == "end" || line.starts_with("failure");
            });
            const auto head = test::http_answer(200, "text/event-stream", bytes);
            const auto lines = test::read_answer(row.name, {head}, test::connection::closes);
            if (!ends) CHECK(lines == whole);
            // Up to its end it is the same in any case.
            for (std::size_t i = 0; i < std::min(lines.size(), whole.size()); ++i) {
                if (whole[i].starts_with("failure") || whole[i] == "end") break;
                REQUIRE(lines[i] == whole[i]);
                ++read;
            }
        }
    }
    CHECK(read > 1000);
}

TEST_CASE("repeated_frame: a frame that cannot be read is found out after one that could") {
    const auto event = [](std::string_view text) {
        return "data: " + chat_frame('"' + std::string{text} + '"') + "\n\n";
    };
    for (const char* broken : {"\xFF", "\t", "a\"b", "\\q", "\xED\xA0\x80"}) {
        CAPTURE(broken);
        const auto lines = test::read_every_split(
            "openai-chat", test::http_answer(200, "text/event-stream",
                                             event("a") + event("b") + event(broken) + event("c")));
        REQUIRE(lines.size() == 4);
        CHECK(lines[2] == "text answer 'b'");
        CHECK(lines[3].starts_with("failure bad_frame"));
    }
}

TEST_CASE("repeated_frame: however an answer is cut, it is read alike") {
    const std::string native =
        "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\"Hi\"}\n\n";
    const std::string chat = "data: " + chat_frame("\"Hi\"") + "\n\n";
    const auto lines = test::read_every_split(
        "lmstudio", test::http_answer(200, "text/event-stream", with_copies(native)));
    CHECK(lines.size() > texts.size());
    CHECK(lines.front() == "text answer 'Hi'");
    test::read_every_split("openai-chat",
                           test::http_answer(200, "text/event-stream", with_copies(chat)));
}
