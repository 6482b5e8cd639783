#include "report/text_table.hpp"

#include "report/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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
