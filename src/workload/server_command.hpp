#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"

#include <string>
#include <string_view>
#include <vector>

// The command that starts a server for a run, as text.

namespace lmstress::workload {

/// The words of a command: blanks part them, '...' and "..." hold them together, a backslash takes
/// the next character as it is (not in '...'; in "..." only before ", \, $ and `). Nothing is
/// expanded, for no shell reads it. An error where a quote is not closed.
[[nodiscard]] result<std::vector<std::string>> words_of_command(std::string_view text);

/// Whether that has words.
[[nodiscard]] bool is_command(std::string_view text);

/// The words with their placeholders filled in: {parallel} and {context_length} by what is wished,
/// {kv_flag} by --kv-unified or --no-kv-unified, {port} by `port`. A word that is {kv_flag} alone
/// is left out where there is no such wish. An error where a value is missing, or the placeholder
/// is none.
[[nodiscard]] result<std::vector<std::string>> filled_in(const std::vector<std::string>& words,
                                                         const server_wishes& wishes,
                                                         std::string_view port);

[[nodiscard]] bool has_placeholder(const std::vector<std::string>& words, std::string_view name);

/// As one would type them in a shell.
[[nodiscard]] std::string typed_words(const std::vector<std::string>& words);
/// The same with *** for what follows --api-key and the like.
[[nodiscard]] std::string shown_words(std::vector<std::string> words);
[[nodiscard]] std::string shown_command(std::string_view text);

/// What stands there instead of ***.
[[nodiscard]] std::vector<std::string> secrets_in_command(std::string_view text);

}  // namespace lmstress::workload
