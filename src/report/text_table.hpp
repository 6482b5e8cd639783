#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::report {

struct text_column {
    std::string_view name;
    bool numeric = false;  ///< its cells stand to the right
};

/// Columns of a terminal that a text takes: letters, not bytes, for not all of them are of ASCII.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// Of the widest of several lines.
[[nodiscard]] std::size_t widest_line(std::string_view lines);

/// Rows of text under their names, two blanks between columns, each as wide as its widest cell. A
/// row has a cell for each column; one of a single cell is a heading that no column is as wide as.
/// Cells come from servers: they are made printable.
[[nodiscard]] std::string text_table(std::span<const text_column> columns,
                                     std::span<const std::vector<std::string>> rows);

/// The same in as many parts, one below the other, as its columns take to fit `width`: each begins
/// with the first column.
[[nodiscard]] std::string text_table_within(int width, std::span<const text_column> columns,
                                            std::span<const std::vector<std::string>> rows);

/// "2.3 GB", "84 MB": decimal, as disks and downloads are measured.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace lmstress::report
