#pragma once

#include "lmstress/prompt_calibration.hpp"
#include "lmstress/scenario.hpp"
#include "workload/conversation.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

// What the server counts is the only measure of a prompt's length: no tokenizer is needed, but a
// few requests before the load whose words are known.

namespace lmstress::workload {

/// A request whose tokens the server counted.
struct counted_words {
    std::uint64_t words = 0;  ///< of all its texts
    std::uint64_t tokens = 0;
};

/// The words in each text of the requests that are sent to find out: short and long in turn. The
/// texts hold every word of the list equally often, or none, so that what their words cost on
/// average is what any prompt's do.
[[nodiscard]] std::vector<std::uint64_t> words_to_count(const workload_settings& s);

/// The i-th of them, of one turn with an answer of one token. Its words depend on the seed alone.
[[nodiscard]] script script_to_count(const workload_settings& s, std::string_view run_id,
                                     std::uint64_t i, std::uint64_t words);

/// The median of the slopes through every two requests of different length, and the median of what
/// is then left over (Theil and Sen): one count that is odd changes little. Nothing where there are
/// no two lengths, or more words do not make more tokens.
[[nodiscard]] std::optional<prompt_calibration> calibrated(std::span<const counted_words> counts);

}  // namespace lmstress::workload
