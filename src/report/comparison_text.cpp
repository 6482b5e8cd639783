#include "report/comparison_text.hpp"

#include "report/comparison_words.hpp"
#include "report/interval_table.hpp"
#include "report/printable.hpp"
#include "report/text_table.hpp"
#include "report/wrapped.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lmstress::report {
namespace {

std::string value(const std::optional<double>& v) {
    if (!v) return "-";
    return std::isinf(*v) ? "cut before" : number_text(*v);
}

std::vector<std::string> row_of(const analyze::compared_figure& f) {
    return {f.what.name,
            value(f.a),
            value(f.b),
            f.change ? change_text(*f.change) : "-",
            change_text(shown_interval(f)),
            in_words(f)};
}

constexpr std::array columns = {text_column{"figure"},     text_column{"A", true},
                                text_column{"B", true},    text_column{"change", true},
                                text_column{"95 %", true}, text_column{"that is"}};

std::string list(std::string_view head, const std::vector<std::string>& all, int width) {
    if (all.empty()) return {};
    std::string out = wrapped(head, width, "");
    for (const std::string& one : all) out += wrapped(one, width);
    return out;
}

/// "The smallest change that shows in four cases of five: ttft_ms.p50 8.1 %, ..."
std::string smallest(const analyze::comparison& c) {
    std::string out;
    for (const analyze::compared_figure& f : c.figures) {
        if (!f.decides || !f.detectable) continue;
        out +=
            fmt::format("{}{} {:.1f} %", out.empty() ? "" : ", ", f.what.name, 100 * *f.detectable);
    }
    return out.empty() ? out : "The smallest change that shows in four cases of five: " + out + ".";
}

/// What so many requests can show, and how many more would: a sentence each.
std::vector<std::string> power_of(const analyze::comparison& c) {
    std::vector<std::string> out;
    if (std::string known = smallest(c); !known.empty()) out.push_back(std::move(known));
    if (c.requests_for_10_percent) {
        out.push_back(fmt::format(
            "To find a change of 10 % in each figure that decides, in four cases of five, it takes "
            "about {} requests of each side.",
            *c.requests_for_10_percent));
    }
    return out;
}

std::vector<std::vector<std::string>> rows_of(const analyze::comparison& c, bool deciding) {
    std::vector<std::vector<std::string>> rows;
    for (const analyze::compared_figure& f : c.figures) {
        if (f.decides == deciding) rows.push_back(row_of(f));
    }
    return rows;
}

/// A level's name stands with its verdicts where there are several levels.
std::string verdict_line(const analyze::regression_verdict& v, bool several_levels) {
    std::string seen = v.seen.change ? change_text(*v.seen.change) : "no change known";
    if (v.seen.ci95) seen += fmt::format(" ({})", change_text(v.seen.ci95));
    return fmt::format("{:<10} {}{}: {}", analyze::to_string(v.is), v.rule,
                       several_levels ? ", " + v.level : "", seen);
}

/// "none over 3.2 %", where there is no room to tell up from down.
std::string in_short(const analyze::compared_figure& f) {
    if (f.found != analyze::finding::none_seen) return in_words(f);
    const interval& i = *shown_interval(f);
    return fmt::format("none over {:.1f} %", 100 * std::max({0.0, i.high, -i.low}));
}

/// Names that would take the room of the figures stand on a line of their own.
std::string narrow_table(const analyze::comparison& c, bool deciding) {
    constexpr std::size_t room_for_name = 14;
    std::vector<std::vector<std::string>> rows;
    for (const analyze::compared_figure& f : c.figures) {
        if (f.decides != deciding) continue;
        auto row = row_of(f);
        row.back() = in_short(f);
        if (f.what.name.size() > room_for_name) {
            rows.push_back({f.what.name});
            row.front().clear();
        }
        rows.push_back(std::move(row));
    }
    return text_table(columns, rows);
}

std::string figure_table(const analyze::comparison& c, bool deciding, int width) {
    std::string wide = text_table(columns, rows_of(c, deciding));
    const bool fits = widest_line(wide) <= static_cast<std::size_t>(width);
    return fits ? wide : narrow_table(c, deciding);
}

std::string markdown_cell(std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2)
        text.insert(at, "\\");
    return text;
}

std::string markdown_rows(const std::vector<std::vector<std::string>>& rows) {
    std::string out;
    for (const auto& row : rows) {
        out += '|';
        for (const std::string& cell : row) out += ' ' + markdown_cell(printable(cell)) + " |";
        out += '\n';
    }
    return out;
}

}  // namespace

std::string comparison_table(const comparison_report& r, int width) {
    std::string out = fmt::format("A: {}\nB: {}\n", printable(r.a), printable(r.b));
    out += list("The work is not the same, so the figures say little of the server:",
                r.unlike.other_work, width);
    out += '\n';
    for (const std::string& sentence : conclusions_of(r)) out += wrapped(sentence, width, "");
    out += list("What differs:", r.unlike.other_server, width);
    out += list("Beware:", r.beware, width);
    for (const level_comparison& level : r.levels) {
        out += fmt::format("\n{}\n", printable(level.name));
        out += figure_table(level.compared, true, width);
        out += wrapped("The intervals above hold at 95 % all at once; those below each for itself.",
                       width, "");
        out += figure_table(level.compared, false, width);
        for (const std::string& sentence : power_of(level.compared)) {
            out += wrapped(sentence, width, "");
        }
    }
    if (!r.unmatched.empty()) out += '\n' + list("Only one side has:", r.unmatched, width);
    if (!r.verdicts.empty()) out += '\n';
    for (const auto& v : r.verdicts) {
        const std::string line = verdict_line(v, r.levels.size() > 1);
        out += wrapped(line.substr(11), width, line.substr(0, 11));
    }
    return out;
}

std::string comparison_markdown(const comparison_report& r) {
    std::string out = fmt::format("A: `{}`, B: `{}`\n", printable(r.a), printable(r.b));
    const auto items = [&](std::string_view head, const std::vector<std::string>& all) {
        if (all.empty()) return;
        out += fmt::format("\n{}\n\n", head);
        for (const std::string& one : all) out += fmt::format("* {}\n", printable(one));
    };
    items("**The work is not the same, so the figures say little of the server:**",
          r.unlike.other_work);
    for (const std::string& sentence : conclusions_of(r)) {
        out += fmt::format("\n**{}**\n", printable(sentence));
    }
    items("What differs:", r.unlike.other_server);
    items("**Beware:**", r.beware);
    for (const level_comparison& level : r.levels) {
        out += fmt::format("\n**{}**\n\n", printable(level.name));
        out += "| figure | A | B | change | 95 % | that is |\n|---|--:|--:|--:|--:|---|\n";
        const auto deciding = rows_of(level.compared, true);
        out += markdown_rows(deciding);
        out += markdown_rows(rows_of(level.compared, false));
        out += fmt::format(
            "\nThe intervals of the first {} hold at 95 % all at once, the others "
            "each for itself.\n",
            deciding.size());
        for (const std::string& sentence : power_of(level.compared)) out += '\n' + sentence + '\n';
    }
    items("Only one side has:", r.unmatched);
    if (!r.verdicts.empty()) out += '\n';
    for (const auto& v : r.verdicts) {
        out += fmt::format("* {}\n", printable(verdict_line(v, r.levels.size() > 1)));
    }
    return out;
}

}  // namespace lmstress::report
