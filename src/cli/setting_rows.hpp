#pragma once

#include "cli/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace lmstress::cli {

/// A setting in effect, with its secrets hidden.
struct setting_row {
    std::string pointer;               ///< "/load/concurrency"
    std::optional<std::string> value;  ///< as JSON; absent: none
    std::string from;                  ///< "default", a file, a flag, a variable
    std::string flag;                  ///< that sets it; empty: none
    std::string variable;              ///< the same
};

/// All of the table, in its order, then what the request has.
[[nodiscard]] std::vector<setting_row> setting_rows(const settings& s);

[[nodiscard]] std::string settings_table(const settings& s);
[[nodiscard]] std::string settings_json(const settings& s);

}  // namespace lmstress::cli
