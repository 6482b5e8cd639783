#include "cli/live_painter.hpp"

#include "report/live_line.hpp"

#include <fmt/format.h>

namespace lmstress::cli {

namespace {

/// To the end of the screen: a line that the terminal has wrapped, for it was made narrower, goes
/// as a whole.
constexpr std::string_view erase_below = "\x1b[J";
constexpr std::string_view erase_line = "\r\x1b[J";
constexpr std::chrono::milliseconds patience_at_the_end{500};
constexpr nanoseconds long_after = std::chrono::hours{1};
constexpr int longest_plain_line = 1000;
/// On a terminal rates are over the last two seconds.
constexpr std::size_t snapshots_of_terminal = 3;
constexpr std::size_t snapshots_of_file = 2;

}  // namespace

nanoseconds live_painter::step(nanoseconds now, const std::vector<live_message>& messages) {
    for (const live_message& m : messages) show(now, m);
    if (!counters_.begun()) {
        next_look_ = now + settings_.redraw_every;
    } else if (!settings_.quiet) {
        look(now);
        redraws() ? redraw(now) : print_line(now);
    }
    flush(std::chrono::milliseconds{0});
    return next_step(now);
}

void live_painter::end(nanoseconds now, const std::vector<live_message>& messages) {
    for (const live_message& m : messages) show(now, m);
    if (!drawn_.empty() && screen_.ours()) waiting_ += erase_line;
    drawn_.clear();
    flush(patience_at_the_end);
}

void live_painter::show(nanoseconds now, const live_message& message) {
    if (message.line_says_it && (settings_.quiet || redraws())) return;
    // A message does not stand behind the line, nor behind the ^C that the terminal has shown.
    if (on_terminal()) waiting_ += erase_line;
    if (screen_.is() == screen::kind::dumb_terminal && !message.line_says_it) waiting_ += '\n';
    waiting_ += message.text + '\n';
    drawn_.clear();
    next_line_ = now + settings_.line_every;
}

void live_painter::look(nanoseconds now) {
    if (now < next_look_) return;
    auto snapshot = counters_.snapshot(now);
    if (!snapshot) return;
    seen_.push_back(*std::move(snapshot));
    if (seen_.size() == 1) next_line_ = now + settings_.line_every;
    if (seen_.size() > (redraws() ? snapshots_of_terminal : snapshots_of_file)) seen_.pop_front();
    next_look_ = now + (redraws() ? settings_.look_every : settings_.line_every);
}

std::string live_painter::line(nanoseconds now, int width) const {
    report::live_look what{.latest = seen_.back(), .now = now, .model = settings_.model};
    if (seen_.size() > 1) what.earlier = seen_.front();
    return report::live_line(
        what, {.width = width, .colour = redraws() && settings_.colour, .bar = redraws()});
}

void live_painter::redraw(nanoseconds now) {
    if (now < next_redraw_ || !waiting_.empty() || seen_.empty() || !screen_.ours()) return;
    const int columns = screen_.columns();
    // The last column stays free: a terminal that has filled it is about to wrap.
    std::string text = line(now, columns - 1);
    if (text == drawn_ && columns == drawn_for_) return;
    drawn_ = std::move(text);
    drawn_for_ = columns;
    next_redraw_ = now + settings_.redraw_every;
    // The cursor goes back to where the line begins, and stays there with it when the terminal is
    // resized and wraps it.
    waiting_ += fmt::format("\r{}{}\r", drawn_, erase_below);
}

void live_painter::print_line(nanoseconds now) {
    if (now < next_line_ || !waiting_.empty() || seen_.empty()) return;
    waiting_ += line(now, longest_plain_line) + '\n';
    next_line_ = now + settings_.line_every;
}

nanoseconds live_painter::next_step(nanoseconds now) const {
    if (gone_) return now + long_after;
    const nanoseconds soon = now + settings_.redraw_every;
    if (!waiting_.empty()) return soon;
    if (settings_.quiet) return now + long_after;
    if (seen_.empty()) return soon;
    if (redraws()) return next_redraw_ > now ? next_redraw_ : soon;
    return next_line_ > now ? next_line_ : soon;
}

void live_painter::flush(std::chrono::milliseconds patience) {
    while (!waiting_.empty() && !gone_) {
        const auto taken = screen_.write(waiting_, patience);
        gone_ = !taken;
        if (!taken || *taken == 0) break;
        waiting_.erase(0, *taken);
    }
    if (gone_) waiting_.clear();
}

}  // namespace lmstress::cli
