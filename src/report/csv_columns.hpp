#pragma once

#include "report/source.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace lmstress::report {

/// What a row is about.
struct csv_row {
    const source_run* run;
    const level_summary* level;
    bool valid;
    bool shared;    ///< an API that shared the server with others: rates are of all of them
    bool together;  ///< what these came to together: it has no place among the levels
};

struct csv_column {
    std::string name;  ///< the path of its figure in summary.json
    std::function<std::string(const csv_row& r)> cell;
};

/// The columns of these rows: all figures that every level has, and of those that only some levels
/// have (kinds of errors, clauses of an SLO, drafts, conversations) the ones that one of them has.
[[nodiscard]] std::vector<csv_column> csv_columns(std::span<const csv_row> rows);

}  // namespace lmstress::report
