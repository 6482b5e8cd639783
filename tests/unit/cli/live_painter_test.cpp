// The live view without its thread: a screen of strings, and a clock that the test moves by hand.

#include "cli/live_painter.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace lmstress;
using cli::live_message;
using cli::live_painter;
using cli::screen;
using measure::live_counters;

namespace {

struct fake_screen final : screen {
    explicit fake_screen(kind k) : what(k) {}

    [[nodiscard]] kind is() const override { return what; }
    std::optional<std::size_t> write(std::string_view text,
                                     std::chrono::milliseconds patience) override {
        longest_patience = std::max(longest_patience, patience);
        if (gone) return std::nullopt;
        const std::size_t taken = std::min(room, text.size());
        room -= taken;
        shown += text.substr(0, taken);
        return taken;
    }
    [[nodiscard]] int columns() const override { return width; }
    [[nodiscard]] bool ours() const override { return in_front; }

    kind what;
    std::string shown = {};
    std::size_t room = std::string::npos;
    int width = 81;
    bool in_front = true;
    bool gone = false;
    std::chrono::milliseconds longest_patience{0};
};

constexpr nanoseconds start = 1s;
constexpr std::string_view erase = "\r\x1b[J";

std::string drawn(const std::string& line) {
    return "\r" + line + "\x1b[J\r";
}

/// A run at its first level, in the window from 0 s to 100 s.
struct fixture {
    explicit fixture(screen::kind k, bool quiet = false, bool colour = true)
        : on(k), painter(counters, on, {.model = "m", .colour = colour, .quiet = quiet}) {}

    void begin(nanoseconds duration = 100s) {
        counters.begin_level(
            {.streams = 4, .begin = start, .window_begin = start, .window_end = start + duration});
    }
    /// What a step at that time writes; times are since the level began.
    std::string step(nanoseconds now, const std::vector<live_message>& messages = {}) {
        const std::string before = on.shown;
        next = painter.step(start + now, messages) - start;
        return on.shown.substr(before.size());
    }
    /// Steps whenever the painter wants to be called, and as if woken at other times as well.
    std::vector<nanoseconds> times_of_writes(nanoseconds from, nanoseconds to) {
        std::vector<nanoseconds> out;
        for (nanoseconds now = from; now < to; now = std::min(next, now + 70ms)) {
            counters.token_event();
            if (!step(now).empty()) out.push_back(now);
        }
        return out;
    }

    live_counters counters;
    fake_screen on;
    live_painter painter;
    nanoseconds next{0};
};

}  // namespace

TEST_CASE("live painter: a terminal has one line, redrawn when it says something else") {
    fixture f{screen::kind::terminal};
    CHECK(f.step(500ms).empty());
    CHECK(f.next == 700ms);
    f.begin();
    CHECK(f.step(600ms).empty());  // requests have hardly been sent
    CHECK(f.step(1s) ==
          drawn("4 streams  1 %  1 s, 1:39 left  0 in flight  - tok/s  TTFT -  errors 0"));
    CHECK(f.step(1200ms).empty());
    CHECK(f.next == 1400ms);
    CHECK(f.step(2s) ==
          drawn("4 streams  2 %  2 s, 1:38 left  0 in flight  0 tok/s  TTFT -  errors 0"));
}

TEST_CASE("live painter: at most five redraws a second, though it is woken more often") {
    fixture f{screen::kind::terminal};
    f.on.width = 1000;
    f.begin(2s);
    const auto times = f.times_of_writes(0s, 2s);  // 1 % is 20 ms
    CHECK(times.size() == 10);
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] >= 200ms);
}

TEST_CASE("live painter: at most one look a second, while elapsed and left go on") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.step(0s);
    f.counters.request_began();
    CHECK(f.step(999ms).find("1 in flight") == std::string::npos);
    CHECK(f.step(1s).find("1 in flight") != std::string::npos);
    f.counters.request_began();
    f.counters.begin_drain(start + 9s);
    CHECK(f.step(1999ms).empty());
    CHECK(f.step(2s).find("draining  2 s, at most 7 s left  2 in flight") != std::string::npos);
}

TEST_CASE("live painter: rates are over the last two seconds") {
    fixture f{screen::kind::terminal};
    f.begin();
    for (int i = 0; i < 10; ++i) {
        f.step(i * 1s);
        for (int n = 0; n < 100 + i; ++n) f.counters.token_event();
    }
    CHECK(f.step(10s).find("~108 tok/s") != std::string::npos);  // 108 and 109 in two seconds
}

TEST_CASE("live painter: a message stands on a line of its own, and the line comes back") {
    fixture f{screen::kind::terminal};
    f.begin();
    const std::string line = f.step(0s);
    CHECK(f.step(50ms, {{"ending"}, {"ending more"}}) ==
          std::string{erase} + "ending\n" + std::string{erase} + "ending more\n");
    CHECK(f.next == 200ms);  // soon, but no sooner than any redraw
    CHECK(f.step(200ms) == line);
    CHECK(f.step(300ms, {{"level 2", true}}).empty());
}

TEST_CASE("live painter: at the end nothing is left of the line, and no message is lost") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.step(0s);
    f.on.shown.clear();
    f.painter.end(start + 1s, {{"last"}});
    CHECK(f.on.shown == std::string{erase} + "last\n");
    fixture more{screen::kind::terminal};
    more.begin();
    more.step(0s);
    more.on.shown.clear();
    more.painter.end(start + 1s, {});
    CHECK(more.on.shown == erase);
    CHECK(more.on.longest_patience == 500ms);
}

TEST_CASE("live painter: a terminal is asked for its width at each redraw") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.step(0s);
    f.on.width = 40;
    const std::string narrow = f.step(200ms);
    CHECK(narrow.size() <= drawn("").size() + 39);
    CHECK(narrow.starts_with("\r"));
    f.on.width = 1;
    CHECK(f.step(400ms) == drawn(""));
    f.on.width = 0;
    CHECK(f.step(600ms) == drawn(""));
}

TEST_CASE("live painter: colour is for errors, where it is wanted and obeyed") {
    for (const auto kind : {screen::kind::terminal, screen::kind::file}) {
        for (const bool wanted : {true, false}) {
            fixture f{kind, false, wanted};
            f.begin();
            request_record failed;
            failed.ended = outcome::failed;
            f.counters.request_began();
            f.counters.request_ended(failed);
            f.step(0s);
            f.step(10s);
            CHECK(f.on.shown.find("errors 1") != std::string::npos);
            const bool coloured = f.on.shown.find("\x1b[31m") != std::string::npos;
            CHECK(coloured == (wanted && kind == screen::kind::terminal));
        }
    }
}

TEST_CASE("live painter: elsewhere it is a plain line every ten seconds") {
    for (const auto kind : {screen::kind::file, screen::kind::dumb_terminal}) {
        fixture f{kind};
        f.begin();
        CHECK(f.step(0s, {{"level 1: 4 streams ...", true}}) == "level 1: 4 streams ...\n");
        CHECK(f.next == 10s);
        CHECK(f.step(9999ms).empty());
        for (int n = 0; n < 50; ++n) f.counters.token_event();
        CHECK(f.step(10s) ==
              "4 streams  10 %  10 s, 1:30 left  0 in flight  ~5.0 tok/s  TTFT -  errors 0\n");
        CHECK(f.next == 20s);
        const auto times = f.times_of_writes(10s, 100s);
        CHECK(times.size() == 8);
        for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] >= 10s);
        f.painter.end(start + 100s, {});
        CHECK(f.on.shown.find_first_of("\r\x1b") == std::string::npos);
    }
}

TEST_CASE("live painter: after a message the ten seconds begin anew") {
    fixture f{screen::kind::file};
    f.begin();
    f.step(0s);
    CHECK(f.step(9s, {{"level 2: 8 streams ...", true}}) == "level 2: 8 streams ...\n");
    CHECK(f.step(18s).empty());
    CHECK_FALSE(f.step(19s).empty());
}

TEST_CASE("live painter: a terminal without escapes has shown ^C where a message would begin") {
    fixture f{screen::kind::dumb_terminal};
    CHECK(f.step(0s, {{"ending"}}) == "\nending\n");
}

TEST_CASE("live painter: quiet, it says what it is told and nothing else") {
    for (const auto kind : {screen::kind::terminal, screen::kind::file}) {
        fixture f{kind, true};
        f.begin();
        CHECK(f.step(0s).empty());
        CHECK(f.step(20s, {{"level 1", true}}).empty());
        CHECK(f.step(21s, {{"ending"}}).ends_with("ending\n"));
        f.on.shown.clear();
        f.painter.end(start + 22s, {});
        CHECK(f.on.shown.empty());
    }
}

TEST_CASE("live painter: a terminal that takes nothing is not waited for, and gets no mixture") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.on.room = 5;
    f.step(0s);
    CHECK(f.on.shown.size() == 5);
    f.step(1s);
    f.step(2s, {{"ending"}});
    CHECK(f.on.shown.size() == 5);
    CHECK(f.next == 2200ms);
    f.on.room = std::string::npos;
    f.step(3s);
    CHECK(f.on.shown ==
          drawn("4 streams  0 %  0 s, 1:40 left  0 in flight  - tok/s  TTFT -  errors 0") +
              std::string{erase} + "ending\n");
    CHECK(f.on.longest_patience == 0ms);
}

TEST_CASE("live painter: a terminal that is gone is left alone") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.step(0s);
    f.on.gone = true;
    f.step(1s);
    f.on.gone = false;
    CHECK(f.step(2s, {{"ending"}}).empty());
    f.on.shown.clear();
    f.painter.end(start + 3s, {});
    CHECK(f.on.shown.empty());
}

TEST_CASE("live painter: in the background it does not draw over another program") {
    fixture f{screen::kind::terminal};
    f.begin();
    f.step(0s);
    f.on.in_front = false;
    f.on.shown.clear();
    f.step(1s);
    CHECK(f.on.shown.empty());
    f.painter.end(start + 2s, {});
    CHECK(f.on.shown.empty());
}
