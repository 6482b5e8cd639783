#include "report/live_line.hpp"

#include "report/printable.hpp"
#include "wire/plural.hpp"
#include "wire/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace lmstress::report {
namespace {

using measure::live_plan;
using measure::live_quantiles;
using measure::live_snapshot;

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view plain = "\x1b[0m";
constexpr std::string_view between = "  ";
constexpr std::size_t bar_length = 10;

/// Never too few: a character beyond ASCII may take two columns.
std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(wire::utf8_length(text), 1);
        columns += length == 1 ? 1 : 2;
        text.remove_prefix(length);
    }
    return columns;
}

std::string cut_to(std::string_view text, std::size_t width) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(wire::utf8_length(text), 1);
        const std::string_view next = text.substr(0, length);
        if (columns_of(out) + columns_of(next) > width) break;
        out += next;
        text.remove_prefix(length);
    }
    return out;
}

std::string duration(nanoseconds t) {
    const auto s = std::max<std::int64_t>(t / std::chrono::seconds{1}, 0);
    if (s < 60) return fmt::format("{} s", s);
    if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
    return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

double seconds(nanoseconds t) {
    return std::chrono::duration<double>{t}.count();
}

/// Two digits that mean something, for a figure that changes while it is read.
std::string number(double v) {
    return v > 0 && v < 9.95 ? fmt::format("{:.1f}", v) : fmt::format("{:.0f}", v);
}

// ---- how far -----------------------------------------------------------------------------------

bool in_warmup(const live_look& look) {
    const live_plan& p = look.latest.plan;
    return p.at == live_plan::stage::running && p.window_begin && look.now < *p.window_begin;
}

/// Of a level: of its requests, where their number ends it, else of its warm-up and window.
double share_done(const live_look& look) {
    const live_plan& p = look.latest.plan;
    double share = 0;
    if (p.wanted_requests) {
        share = static_cast<double>(look.latest.measured_requests) /
                static_cast<double>(*p.wanted_requests);
    } else if (p.window_end && *p.window_end > p.begin) {
        share = seconds(look.now - p.begin) / seconds(*p.window_end - p.begin);
    }
    return std::clamp(share, 0.0, 1.0);
}

/// Until a number of requests has ended, at the pace so far. Not before each stream has ended one:
/// the first of many streams to end says little of the others.
std::optional<nanoseconds> left_by_pace(const live_snapshot& s) {
    const live_plan& p = s.plan;
    if (!p.window_begin || s.measured_requests < p.streams) return std::nullopt;
    const auto ended = static_cast<double>(s.measured_requests);
    const auto wanted = static_cast<double>(*p.wanted_requests);
    const double left = seconds(s.taken - *p.window_begin) * (wanted / ended - 1);
    return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>{left});
}

std::optional<nanoseconds> time_left(const live_look& look) {
    const live_plan& p = look.latest.plan;
    if (p.at == live_plan::stage::draining) {
        return p.drain_end ? std::optional{*p.drain_end - look.now} : std::nullopt;
    }
    if (!p.wanted_requests) {
        return p.window_end ? std::optional{*p.window_end - look.now} : std::nullopt;
    }
    const auto at_snapshot = left_by_pace(look.latest);
    if (!at_snapshot) return std::nullopt;
    return *at_snapshot - (look.now - look.latest.taken);
}

// ---- the pieces --------------------------------------------------------------------------------

/// A part of the line, in the forms that it can take, from the longest to the shortest; an empty
/// one leaves it out.
struct piece {
    std::vector<std::string> forms = {};
    std::size_t form = 0;

    [[nodiscard]] std::string_view text() const {
        return form < forms.size() ? std::string_view{forms[form]} : std::string_view{};
    }
    void shorten() {
        if (form + 1 < forms.size()) ++form;
    }
};

enum piece_name : std::uint8_t { head, stage, bar, progress, times, flying, rate, ttft, errors };
constexpr std::size_t piece_count = 9;
using pieces = std::array<piece, piece_count>;

/// What gives way first where there are too few columns, each time by one form.
constexpr std::array shortening = {ttft,  head,   progress, head,  bar,  head,
                                   times, flying, errors,   times, ttft, rate};

piece head_of(const live_plan& p) {
    const std::string streams =
        p.rate ? fmt::format("{:.4g} req/s", *p.rate) : wire::plural(p.streams, "stream");
    if (p.levels == 1) return {{streams, streams, streams, ""}};
    const std::string of_all = fmt::format("{}/{}", p.level, p.levels);
    return {{"level " + of_all + ", " + streams, "level " + of_all, of_all, ""}};
}

piece stage_of(const live_look& look) {
    if (look.latest.plan.at == live_plan::stage::draining) return {{"draining"}};
    return in_warmup(look) ? piece{{"warm-up"}} : piece{};
}

/// Of one length: it would move all that stands behind it.
piece bar_of(const live_look& look) {
    if (look.latest.plan.at == live_plan::stage::draining) return {};
    const auto done = static_cast<std::size_t>(share_done(look) * bar_length);
    return {{'[' + std::string(done, '#') + std::string(bar_length - done, '.') + ']', ""}};
}

piece progress_of(const live_look& look) {
    const live_plan& p = look.latest.plan;
    const std::string share = fmt::format("{} %", static_cast<int>(share_done(look) * 100));
    if (p.wanted_requests) {
        return {{fmt::format("{}/{} requests", look.latest.measured_requests, *p.wanted_requests),
                 share}};
    }
    return p.at == live_plan::stage::draining ? piece{} : piece{{share}};
}

piece times_of(const live_look& look) {
    const std::string elapsed = duration(look.now - look.latest.plan.begin);
    const auto left = time_left(look);
    if (!left) return {{elapsed, elapsed, ""}};
    const bool at_most = look.latest.plan.at == live_plan::stage::draining;
    // Rounded up: elapsed and left add up, and nothing is left only when nothing is.
    const nanoseconds whole = std::chrono::ceil<std::chrono::seconds>(*left);
    const std::string rest = (at_most ? "at most " : "") + duration(whole) + " left";
    return {{elapsed + ", " + rest, rest, ""}};
}

/// Of an open loop also how many arrived a second, between the two snapshots, and how many of all
/// were shed.
piece flying_of(const live_look& look) {
    const live_snapshot& s = look.latest;
    const std::string flying = fmt::format("{} in flight", s.in_flight);
    if (!s.plan.rate) return {{flying, ""}};
    const std::string shed = s.shed > 0 ? fmt::format("{}{} shed", between, s.shed) : "";
    std::string all = flying + shed;
    if (look.earlier && look.earlier->taken < s.taken) {
        const auto arrived = static_cast<double>(s.arrivals - look.earlier->arrivals);
        all = fmt::format("{} arrivals/s{}{}",
                          number(arrived / seconds(s.taken - look.earlier->taken)), between, all);
    }
    return {{all, flying + shed}};
}

/// Over the time between the two snapshots. "~": of events, for no count by the server is here yet
/// that would say how many tokens they hold.
piece rate_of(const live_look& look) {
    if (!look.earlier || look.earlier->taken >= look.latest.taken) return {{"- tok/s", ""}};
    const auto events = static_cast<double>(look.latest.token_events - look.earlier->token_events);
    const double tokens = events * look.latest.tokens_per_event.value_or(1);
    const double each_second = tokens / seconds(look.latest.taken - look.earlier->taken);
    const std::string_view mark = look.latest.tokens_per_event || events == 0 ? "" : "~";
    return {{fmt::format("{}{} tok/s", mark, number(each_second)), ""}};
}

piece ttft_of(const live_look& look) {
    const auto& t = in_warmup(look) ? look.latest.warmup_ttft : look.latest.measured_ttft;
    if (!t) return {{"TTFT -", "TTFT -", ""}};
    const bool long_ones = t->p95 >= std::chrono::seconds{10};
    const double scale = long_ones ? 1 : 1000;
    const std::string_view unit = long_ones ? "s" : "ms";
    const std::string p50 = number(seconds(t->p50) * scale);
    const std::string p95 = number(seconds(t->p95) * scale);
    return {{fmt::format("TTFT p50 {}, p95 {} {}", p50, p95, unit),
             fmt::format("TTFT {}/{} {}", p50, p95, unit), ""}};
}

piece errors_of(const live_snapshot& s) {
    const std::string text = fmt::format("errors {}", s.errors);
    return s.errors == 0 ? piece{{text, ""}} : piece{{text}};
}

// ---- the line ----------------------------------------------------------------------------------

std::size_t width_of(const pieces& all) {
    std::size_t width = 0;
    for (const piece& p : all) {
        const std::size_t own = columns_of(p.text());
        if (own > 0) width += own + (width > 0 ? between.size() : 0);
    }
    return width;
}

std::string joined(const pieces& all, bool red_errors) {
    std::string out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string_view text = all[i].text();
        if (text.empty()) continue;
        if (!out.empty()) out += between;
        const bool marked = red_errors && i == errors;
        out += marked ? fmt::format("{}{}{}", red, text, plain) : std::string{text};
    }
    return out;
}

std::string level_line(const live_look& look, const live_style& style) {
    pieces all;
    all[head] = head_of(look.latest.plan);
    all[stage] = stage_of(look);
    if (style.bar) all[bar] = bar_of(look);
    all[progress] = progress_of(look);
    all[times] = times_of(look);
    all[flying] = flying_of(look);
    all[rate] = rate_of(look);
    all[ttft] = ttft_of(look);
    all[errors] = errors_of(look.latest);

    const auto width = static_cast<std::size_t>(std::max(style.width, 0));
    for (const piece_name next : shortening) {
        if (width_of(all) <= width) break;
        all[next].shorten();
    }
    if (width_of(all) > width) return cut_to(joined(all, false), width);
    return joined(all, style.colour && look.latest.errors > 0);
}

std::string loading_line(const live_look& look, int width) {
    const live_snapshot& s = look.latest;
    const bool answers = s.token_events > 0;
    std::string tail;
    if (!answers && s.loaded) tail = fmt::format(": {} %", static_cast<int>(*s.loaded * 100));
    tail += std::string{between} + duration(look.now - s.plan.begin);
    const auto columns = static_cast<std::size_t>(std::max(width, 0));
    const std::string what = (answers ? "first answer of " : "loading ") + printable(look.model);
    const std::size_t room = columns - std::min(columns, tail.size());
    return cut_to(cut_to(what, room) + tail, columns);
}

}  // namespace

std::string live_line(const live_look& look, const live_style& style) {
    if (look.latest.plan.at == live_plan::stage::loading) return loading_line(look, style.width);
    return level_line(look, style);
}

}  // namespace lmstress::report
