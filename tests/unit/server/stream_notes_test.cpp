#include "server/probe.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using namespace lmstress;
using server::finding;
using server::stream_notes;
using server::verdict;

namespace {

instant at(nanoseconds t) {
    return instant{} + t;
}

/// An answer of which `per_read` tokens come with each read, the first after 100 ms.
stream_notes heard(int tokens, int per_read, nanoseconds head) {
    stream_notes notes;
    event_sink& sink = notes;
    notes.sent_at(at(0ms));
    notes.head_at(at(head));
    for (int i = 0; i < tokens; ++i) {
        notes.read_at(at(100ms + (i / per_read) * 20ms));
        sink.on_event(event::text{.of = event::text::kind::answer, .content = "x"});
    }
    return notes;
}

finding about(const std::vector<finding>& all, const std::string& what) {
    for (const finding& f : all) {
        if (f.about == what) return f;
    }
    throw std::runtime_error("nothing about " + what);
}

}  // namespace

TEST_CASE("stream notes: tokens one after the other, and headers before them") {
    auto notes = heard(16, 1, 5ms);
    static_cast<event_sink&>(notes).on_event(event::usage{.output_tokens = 16});
    const auto found = notes.judge();
    CHECK(about(found, "streams").is == verdict::ok);
    CHECK(about(found, "streams").detail ==
          "16 events, the first after 100 ms, the last 300 ms later");
    CHECK(about(found, "headers first").is == verdict::ok);
    CHECK(about(found, "headers first").detail == "95 ms before the first token");
    CHECK(about(found, "usage").is == verdict::ok);
}

TEST_CASE("stream notes: all at once is no stream, whatever its form") {
    const auto found = heard(16, 16, 100ms).judge();
    CHECK(about(found, "streams").is == verdict::no);
    CHECK(about(found, "streams").needed);
    CHECK(about(found, "headers first").is == verdict::no);
    CHECK(about(found, "usage").is == verdict::no);
}

TEST_CASE("stream notes: what cannot be told is unknown") {
    CHECK(about(heard(1, 1, 5ms).judge(), "streams").is == verdict::unknown);
    const auto silent = heard(0, 1, 5ms).judge();
    for (const finding& f : silent) CHECK(f.is == verdict::unknown);
    auto broken = heard(0, 1, 5ms);
    static_cast<event_sink&>(broken).on_event(event::failure{failure_kind::overloaded, "too busy"});
    CHECK(about(broken.judge(), "streams").is == verdict::no);
    CHECK(about(broken.judge(), "streams").detail == "the answer failed: overloaded: too busy");
}
