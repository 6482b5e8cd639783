#include "wire/sse_parser.hpp"

#include "support/splits.hpp"
#include "support/streams.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {

std::size_t allocations = 0;

}  // namespace

// Counts what the whole test program allocates; read as differences.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc{};
}
// Whoever asks so frees by the same operator delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}

namespace {

using lmstress::wire::sse_event;
using lmstress::wire::sse_parser;
using lmstress::wire::sse_sink;

/// Each event as one line: "type|data", an error field marked.
class collector final : public sse_sink {
  public:
    void on_sse_event(const sse_event& e) override {
        events.push_back((e.from_error_field ? "(error field)" : std::string{e.type}) + "|" +
                         std::string{e.data});
    }
    std::vector<std::string> events;
};

std::vector<std::string> parse(const std::vector<std::string_view>& pieces) {
    sse_parser parser;
    collector sink;
    for (const auto piece : pieces) {
        // A copy of each piece on the heap, so that a view kept too long is seen by the sanitizer.
        const std::string copy{piece};
        CHECK(parser.push(copy, sink) == sse_parser::status::ok);
    }
    return sink.events;
}

std::vector<std::string> events_of(const std::string& name) {
    return parse({test::stream(name)});
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("sse_parser: every split of every stream gives the same events") {
    REQUIRE(test::streams().size() >= 30);
    for (const auto& s : test::streams()) {
        CAPTURE(s.name);
        const lines whole = parse({s.bytes});
        std::size_t different = 0;
        test::for_each_split(s.bytes, [&](const std::vector<std::string_view>& pieces) {
            sse_parser parser;
            collector sink;
            for (const auto piece : pieces) parser.push(std::string{piece}, sink);
            different += sink.events != whole;
        });
        CHECK(different == 0);
    }
}

TEST_CASE("sse_parser: byte by byte as well") {
    for (const auto& s : test::streams()) {
        CAPTURE(s.name);
        std::vector<std::string_view> bytes;
        for (std::size_t i = 0; i < s.bytes.size(); ++i) {
            bytes.push_back(std::string_view{s.bytes}.substr(i, 1));
        }
        CHECK(parse(bytes) == parse({s.bytes}));
    }
}

TEST_CASE("sse_parser: the rules of the standard") {
    CHECK(events_of("empty").empty());
    CHECK(events_of("only-blank-lines").empty());
    CHECK(events_of("byte-order-mark") == lines{"|after the mark"});
    // Without a whole mark its bytes belong to the field's name, which is then unknown.
    CHECK(events_of("half-byte-order-mark") == lines{"|y"});
    CHECK(events_of("second-byte-order-mark") == lines{"|y"});
    CHECK(events_of("carriage-returns") == lines{"a|1", "|2"});
    CHECK(events_of("crlf") == lines{"a|1", "|2"});
    CHECK(events_of("mixed-line-ends") == lines{"|1\n2\n3", "|4"});
    CHECK(events_of("multi-line-data") == lines{"|first\nsecond\n\n\nlast"});
    CHECK(events_of("no-final-blank-line") == lines{"|whole"});
    CHECK(events_of("no-final-blank-line-but-line") == lines{"|whole"});
    CHECK(events_of("comments") == lines{"|x"});
    CHECK(events_of("unknown-fields") == lines{"|x"});
    CHECK(events_of("one-space-only") == lines{"| two\n\tnone\nx"});
    CHECK(events_of("event-without-data") == lines{"second|x"});
    // As in the standard's own example: one `data` line is an event with empty data, two are "\n".
    CHECK(events_of("empty-data") == lines{"|", "|", "|", "|\n"});
    CHECK(events_of("event-twice") == lines{"b|x", "|y"});
    CHECK(events_of("colons-in-data") == lines{"|a:b: c\n:d"});
    CHECK(events_of("nul-in-data") == lines{std::string{"|a\0b", 4}});
}

TEST_CASE("sse_parser: an error field is an event of its own, as old llama.cpp sends it") {
    CHECK(events_of("llamacpp-error-field") ==
          lines{"|{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
                "(error field)|{\"code\":500,\"message\":\"Context size has been exceeded.\"}"});
}

TEST_CASE("sse_parser: id and retry") {
    sse_parser parser;
    collector sink;
    parser.push(test::stream("id-and-retry"), sink);
    CHECK(parser.last_event_id() == "7");  // an id with NUL is ignored
    CHECK(parser.retry() == 250);          // digits only
    CHECK(sink.events == lines{"|x", "|y"});
}

TEST_CASE("sse_parser: an event over the bound is an error of its own, however it comes") {
    const std::string fits = "data: " + std::string(94, 'x') + "\n\n";
    const std::string too_long = "data: " + std::string(95, 'x') + "\n\n";
    std::string too_many;
    for (int i = 0; i < 20; ++i) too_many += "data: xxxx\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
        const auto run = [&](const std::string& bytes) {
            sse_parser parser{100};
            collector sink;
            auto status = sse_parser::status::ok;
            for (std::size_t i = 0; i < bytes.size(); i += step) {
                status = parser.push(std::string_view{bytes}.substr(i, step), sink);
            }
            return status;
        };
        CHECK(run(fits + fits) == sse_parser::status::ok);
        CHECK(run(too_long) == sse_parser::status::event_too_large);
        CHECK(run(too_many) == sse_parser::status::event_too_large);
    }
    // Comments are no part of an event: pings for hours are not an event too large.
    std::string pings;
    for (int i = 0; i < 100; ++i) pings += ": ping\n";
    sse_parser parser{100};
    collector sink;
    CHECK(parser.push(pings, sink) == sse_parser::status::ok);
}

TEST_CASE("sse_parser: no allocation for 1,000 events inside one buffer") {
    class counter final : public sse_sink {
      public:
        void on_sse_event(const sse_event& e) override {
            ++events;
            bytes += e.data.size();
        }
        std::size_t events = 0;
        std::size_t bytes = 0;
    } sink;
    std::string buffer;
    for (int i = 0; i < 1000; ++i) {
        buffer +=
            "event: message.delta\ndata: {\"type\":\"message.delta\",\"content\":\" word\"}\n\n";
    }
    sse_parser parser;
    const std::size_t before = allocations;
    parser.push(buffer, sink);
    CHECK(allocations - before == 0);
    CHECK(sink.events == 1000);
}
