#include "support/terminal_text.hpp"

#include <stdexcept>
#include <string_view>

namespace test {
namespace {

class screen {
  public:
    explicit screen(std::size_t columns) : columns_(columns) {}

    /// Takes one character or sequence from the front.
    void take(std::string_view& rest) {
        const char c = rest.front();
        if (c == '\x1b') return obey(rest);
        rest.remove_prefix(1);
        if (c == '\n') return feed();
        if (c == '\r') {
            column_ = 0;
            written_.clear();
            return;
        }
        put(c);
    }

    terminal_text text() {
        for (std::string& row : out_.rows) row.resize(row.find_last_not_of(' ') + 1);
        return std::move(out_);
    }

  private:
    void obey(std::string_view& rest) {
        const std::size_t end = rest.find_first_not_of("0123456789;", 2);
        const std::string_view sequence = rest.substr(0, end == rest.npos ? end : end + 1);
        rest.remove_prefix(sequence.size());
        if (sequence.starts_with("\x1b[") && sequence.ends_with("m")) return;
        if (sequence != "\x1b[J")
            throw std::runtime_error("what is " + std::string{sequence} + "?");
        out_.rows.resize(row_ + 1);
        out_.rows[row_].resize(column_, ' ');
        if (!written_.empty()) out_.drawn.push_back(written_);
        written_.clear();
    }
    void feed() {
        ++row_;
        out_.rows.resize(std::max(out_.rows.size(), row_ + 1));
        written_.clear();
    }
    void put(char c) {
        if (column_ == columns_) {
            out_.wrapped = true;
            column_ = 0;
            feed();
        }
        std::string& row = out_.rows[row_];
        if (row.size() <= column_) row.resize(column_ + 1, ' ');
        row[column_++] = c;
        written_ += c;
    }

    std::size_t columns_;
    std::size_t row_ = 0;
    std::size_t column_ = 0;
    std::string written_;
    terminal_text out_{.rows = {""}};
};

}  // namespace

terminal_text shown_by(const std::string& output, std::size_t columns) {
    screen s{columns};
    for (std::string_view rest = output; !rest.empty();) s.take(rest);
    return s.text();
}

}  // namespace test
