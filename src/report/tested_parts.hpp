#pragma once

#include "report/source.hpp"

#include <string>

// What a result that `lmstress merge` made was made of.

namespace lmstress::report {

/// "h1 (run abc), h2 (run def, its windows moved by 12 ms)"; empty of any other.
[[nodiscard]] std::string merged_of(const run_setup& setup);

/// The command that does it again. Of a merged result no single process does: it is the one that
/// puts its parts together, by the directories that they were read from.
[[nodiscard]] std::string command_of(const source& s);

/// What to know before one types it, a sentence or two; empty: nothing.
[[nodiscard]] std::string note_on_command(const source& s);

}  // namespace lmstress::report
