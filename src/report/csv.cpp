#include "report/csv.hpp"

#include "measure/validity.hpp"
#include "report/csv_columns.hpp"
#include "report/together.hpp"

#include <deque>
#include <string_view>
#include <utility>

namespace lmstress::report {
namespace {

/// A line of a table as it is put together (RFC 4180).
class line {
  public:
    explicit line(std::string& out) : out_(out) {}
    void add(std::string_view cell) {
        if (!first_) out_ += ',';
        first_ = false;
        // A minus begins figures too, which are no text.
        const bool formula = !cell.empty() && std::string_view{"=+@\t\r"}.find(cell.front()) !=
                                                  std::string_view::npos;
        std::string text{formula ? "'" : ""};
        text += cell;
        if (text.find_first_of(",\"\r\n") == std::string::npos) {
            out_ += text;
            return;
        }
        out_ += '"';
        for (const char c : text) out_ += c == '"' ? "\"\"" : std::string(1, c);
        out_ += '"';
    }
    void end() { out_ += '\n'; }

  private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace

std::string csv(std::span<const source> sources) {
    std::vector<csv_row> rows;
    std::deque<level_summary> sums;
    for (const source& s : sources) {
        for (const source_run& run : s.runs) {
            const bool valid = measure::judge(run.summary).valid();
            auto its = levels_together(run.summary);
            for (const level_summary& level : run.summary.levels) {
                rows.push_back({&run, &level, valid, !its.empty(), false});
            }
            for (level_summary& sum : its) {
                rows.push_back({&run, &sums.emplace_back(std::move(sum)), valid, false, true});
            }
        }
    }
    const std::vector<csv_column> columns = csv_columns(rows);
    std::string out;
    line head{out};
    for (const csv_column& c : columns) head.add(c.name);
    head.end();
    for (const csv_row& r : rows) {
        line cells{out};
        for (const csv_column& c : columns) cells.add(c.cell(r));
        cells.end();
    }
    return out;
}

}  // namespace lmstress::report
