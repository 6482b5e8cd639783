#pragma once

#include <string>
#include <vector>

namespace test {

/// What a terminal of that width shows, having been sent this: the little that a program which
/// draws one line needs (CR, LF, erasing below the cursor, colours). Throws for anything else.
struct terminal_text {
    std::vector<std::string> rows = {};   ///< without the blanks at their ends
    std::vector<std::string> drawn = {};  ///< each text that was followed by erasing below it
    bool wrapped = false;                 ///< some text was wider than the terminal
};
terminal_text shown_by(const std::string& output, std::size_t columns);

}  // namespace test
