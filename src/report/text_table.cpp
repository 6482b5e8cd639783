#include "report/text_table.hpp"

#include "report/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace lmstress::report {
namespace {

std::string padded(const std::string& text, const text_column& column, std::size_t width) {
    const std::string blanks(width - std::min(width, columns_of(text)), ' ');
    return column.numeric ? blanks + text : text + blanks;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::size_t widest_line(std::string_view lines) {
    std::size_t most = 0;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        most = std::max(most, columns_of(lines.substr(0, end)));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return most;
}

std::string text_table(std::span<const text_column> columns,
                       std::span<const std::vector<std::string>> rows) {
    std::vector<std::vector<std::string>> lines(1);
    for (const text_column& c : columns) lines.front().emplace_back(c.name);
    for (const auto& row : rows) {
        lines.emplace_back();
        for (const std::string& cell : row) lines.back().push_back(printable(cell));
    }
    std::vector<std::size_t> widths(columns.size());
    const auto is_heading = [&](const std::vector<std::string>& line) {
        return line.size() == 1 && widths.size() > 1;
    };
    for (const auto& line : lines) {
        if (is_heading(line)) continue;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], columns_of(line[i]));
        }
    }
    std::string out;
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            out += (i == 0 ? "" : "  ") + padded(line[i], columns[i], widths[i]);
        }
        while (out.ends_with(' ')) out.pop_back();
        out += '\n';
    }
    return out;
}

std::string text_table_within(int width, std::span<const text_column> columns,
                              std::span<const std::vector<std::string>> rows) {
    // The first column, and those from `first` to before `last`.
    const auto part = [&](std::size_t first, std::size_t last) {
        const auto of = [&](const auto& all) {
            using cell = std::remove_cvref_t<decltype(all[0])>;
            std::vector<cell> out{all[0]};
            for (std::size_t i = first; i < last; ++i) out.push_back(all[i]);
            return out;
        };
        std::vector<std::vector<std::string>> lines;
        for (const auto& row : rows) lines.push_back(of(row));
        return text_table(of(columns), lines);
    };
    std::string out;
    for (std::size_t first = 1; first < columns.size();) {
        std::size_t last = columns.size();
        std::string shown = part(first, last);
        while (last > first + 1 && widest_line(shown) > static_cast<std::size_t>(width)) {
            shown = part(first, --last);
        }
        out += shown;
        first = last;
    }
    return out;
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr std::array units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double n = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (n >= 999.5 && unit + 1 < units.size()) {
        n /= 1000;
        ++unit;
    }
    if (unit == 0 || n >= 9.95) return fmt::format("{:.0f} {}", n, units[unit]);
    return fmt::format("{:.1f} {}", n, units[unit]);
}

}  // namespace lmstress::report
