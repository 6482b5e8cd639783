#pragma once

#include "lmstress/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::workload {

/// The words of the command that makes a run (or a sweep ...) of that scenario again, from
/// "lmstress" on: a flag for each field that is not as by default. What the scenario left out
/// because nobody should see it is not in them either: of headers the names are, with "..." in
/// place of their values.
/// An error where the text is no scenario.
[[nodiscard]] result<std::vector<std::string>> command_words(
    std::string_view command, std::string_view scenario_json,
    const std::vector<std::pair<std::string, std::string>>& labels);

/// The same as one would type it.
[[nodiscard]] result<std::string> command_text(
    std::string_view command, std::string_view scenario_json,
    const std::vector<std::pair<std::string, std::string>>& labels);

}  // namespace lmstress::workload
