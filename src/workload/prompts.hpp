#pragma once

#include "lmstress/error.hpp"
#include "lmstress/prompt_calibration.hpp"
#include "lmstress/scenario.hpp"
#include "workload/random.hpp"
#include "workload/trace.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lmstress::workload {

/// The prompts of a run. Request k of each level gets the same text, so that levels compare; only
/// the salt differs.
class prompts {
  public:
    /// From a file's content: JSONL with a `prompt` in each line, or plain text, a prompt a line.
    /// `name` is for the error.
    [[nodiscard]] static result<prompts> from_text(std::string_view content,
                                                   const std::string& name,
                                                   const workload_settings& s);
    [[nodiscard]] static prompts single(const workload_settings& s);
    [[nodiscard]] static prompts synthetic(const workload_settings& s);
    /// Made-up ones as long as the trace's. It is not empty.
    [[nodiscard]] static prompts of_trace(const workload_settings& s,
                                          std::vector<trace_entry> trace);
    /// The prompts of scenarios/prompts/chat.jsonl, which every binary carries.
    [[nodiscard]] static prompts built_in(const workload_settings& s);

    /// The prompt of the level's k-th request, salt included.
    [[nodiscard]] std::string at(std::string_view run_id, std::uint32_t level,
                                 std::uint64_t k) const;
    /// The same without the salt. A made-up one has as many words as `by` says; null: nobody knows
    /// yet what the server counts.
    [[nodiscard]] std::string text(std::uint64_t k, const prompt_calibration* by = nullptr) const;
    /// The length that a made-up prompt should have, in tokens; nothing for any other.
    [[nodiscard]] std::optional<std::uint64_t> asked_tokens(std::uint64_t k) const;
    /// The mean length of a prompt in tokens, at four characters each: all that is known before the
    /// server has counted.
    [[nodiscard]] std::uint64_t typical_tokens() const;
    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    /// Where they are those of a trace, else empty.
    [[nodiscard]] std::span<const trace_entry> trace() const noexcept { return trace_; }
    /// How long the answer to the k-th may be, where the trace says so.
    [[nodiscard]] std::optional<std::uint32_t> max_tokens(std::uint64_t k) const;

  private:
    explicit prompts(const workload_settings& s) : settings_(s) {}

    workload_settings settings_;
    std::vector<std::string> texts_;  // empty: synthetic
    std::vector<trace_entry> trace_;
};

/// Ten characters that depend on all of the run (its id, or with salt_mode::seed its seed), level
/// and request. Letters and digits of both cases, so that two salts differ in their first token or
/// two.
[[nodiscard]] std::string salt(std::string_view run, std::uint32_t level, std::uint64_t k);

/// `text` with the salt that the scenario wants before it.
[[nodiscard]] std::string salted(const workload_settings& s, std::string_view run_id,
                                 std::uint32_t level, std::uint64_t k, std::string text);

inline constexpr std::size_t characters_per_token = 4;  ///< until the server has counted

/// Calls `take(line, number)` for each line of a file that is not blank, blanks and a byte order
/// mark taken off, until it returns false.
template <class Take>
void for_each_line(std::string_view content, const Take& take) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (content.starts_with(byte_order_mark)) content.remove_prefix(byte_order_mark.size());
    std::size_t number = 0;
    while (!content.empty()) {
        const std::size_t end = std::min(content.find('\n'), content.size());
        std::string_view line = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        ++number;
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
        while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
        if (!line.empty() && !take(line, number)) return;
    }
}

/// Fisher and Yates, from the seed.
template <class T>
void shuffle(std::vector<T>& items, std::uint64_t seed) {
    random r{hash("order", seed)};
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[r.below(i)]);
}

/// So many words of a list, the same for the same seed. Each comes once before any comes again, so
/// that two texts of the same number of words have nearly the same number of tokens. Of the last
/// one it may be a part: 2.5 is two words and the half of a third.
[[nodiscard]] std::string synthetic_text(std::uint64_t seed, double words);
/// Words of that list.
[[nodiscard]] std::size_t synthetic_words() noexcept;

/// Words of a made-up prompt that is to have so many tokens, at least one. Null: at four characters
/// a token. Whole ones, where a word is a token or two; parts of one count where it is many.
[[nodiscard]] double words_for(std::uint64_t tokens, const prompt_calibration* by);

/// A length of at least one token; the same for the same seed.
[[nodiscard]] std::uint64_t draw_length(const token_lengths& lengths, std::uint64_t seed);

}  // namespace lmstress::workload
