#pragma once

#include "lmstress/error.hpp"
#include "lmstress/scenario.hpp"
#include "workload/conversation.hpp"
#include "workload/prompts.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::workload {

/// The conversations of a file (docs/conversations.md): a JSON object a line, with `messages` as
/// OpenAI or Anthropic have them. Its users' turns are asked; what its assistant says is left to
/// the model, but a call of tools that has its results there is taken as it stands.
class conversation_file {
  public:
    /// `name` is for the error.
    [[nodiscard]] static result<conversation_file> from_text(std::string_view content,
                                                             const std::string& name,
                                                             const workload_settings& s);

    /// The c-th conversation of a level, its first turn salted.
    [[nodiscard]] script at(std::string_view run_id, std::uint32_t level, std::uint64_t c) const;

    [[nodiscard]] std::size_t size() const noexcept { return scripts_.size(); }
    /// Of the longest one.
    [[nodiscard]] std::uint32_t most_turns() const;
    [[nodiscard]] bool have_tool_results() const;
    /// The mean length of what is sent in a whole conversation, in tokens of four characters.
    [[nodiscard]] std::uint64_t typical_tokens() const;

  private:
    explicit conversation_file(const workload_settings& s) : settings_(s) {}

    workload_settings settings_;
    std::vector<script> scripts_;
};

/// The c-th conversation of a level whose turns are prompts: the first of them salted. Where a
/// request embeds several texts, each is a prompt with a salt of its own. `by` is for made-up
/// prompts, as in prompts::text().
[[nodiscard]] script script_of_prompts(const prompts& from, const workload_settings& s,
                                       std::string_view run_id, std::uint32_t level,
                                       std::uint64_t c, const prompt_calibration* by = nullptr);

}  // namespace lmstress::workload
