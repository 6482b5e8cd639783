#include "report/text_table.hpp"

#include "report/download_line.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace lmstress::report;

TEST_CASE("text table: columns are as wide as their widest cell, and nothing is obeyed") {
    constexpr std::array columns = {text_column{"name"}, text_column{"size", true},
                                    text_column{"note"}};
    const std::vector<std::vector<std::string>> rows = {{"a", "12", "\x1b[2J"},
                                                        {"größer", "3", ""}};
    CHECK(text_table(columns, rows) ==
          "name    size  note\n"
          "a         12   [2J\n"
          "größer     3\n");
}

TEST_CASE("bytes: three digits at most, decimal") {
    CHECK(bytes_text(0) == "0 B");
    CHECK(bytes_text(999) == "999 B");
    CHECK(bytes_text(1000) == "1.0 kB");
    CHECK(bytes_text(84'106'624) == "84 MB");
    CHECK(bytes_text(2'279'145'003) == "2.3 GB");
    CHECK(bytes_text(999'600'000) == "1.0 GB");
    CHECK(bytes_text(18'446'744'073'709'551'615ULL) == "18 EB");
}

TEST_CASE("download line: as much as is known") {
    CHECK(download_line({.done_bytes = 1'139'572'501,
                         .total_bytes = 2'279'145'003,
                         .bytes_per_second = 120e6}) ==
          "[#########-----------]  49 %  1.1 GB of 2.3 GB  120 MB/s  0:09 left");
    CHECK(download_line({.done_bytes = 5'000'000}) == "5.0 MB");
    CHECK(
        download_line({.done_bytes = 0, .total_bytes = 10'000'000'000, .bytes_per_second = 1e6}) ==
        "[--------------------]   0 %  0 B of 10 GB  1.0 MB/s  2:46:40 left");
    CHECK(
        download_line({.done_bytes = 1, .total_bytes = 2, .bytes_per_second = 1, .paused = true}) ==
        "[##########----------]  50 %  1 B of 2 B  paused in LM Studio");
    // A server may say that more is there than there is to get.
    CHECK(percent_of({.done_bytes = 9, .total_bytes = 3}) == 100);
    CHECK(percent_of({.done_bytes = 9, .total_bytes = 0}) == 0);
    CHECK(download_line({.done_bytes = 0, .total_bytes = 2e18, .bytes_per_second = 1e-9}).size() <
          80);
}
