#pragma once

#include "api/chat_request.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmstress::workload {

/// What goes to the server before each answer of a conversation.
struct script {
    struct turn {
        std::string prompt;  ///< the user's; empty: the results of tools ask for the answer
        /// A call of tools and their results, which take the place of whatever call the model made
        /// in its last answer.
        std::vector<api::chat_message> before = {};
        std::vector<std::string> further_inputs = {};  ///< embedded beside the prompt
    };
    std::string system_prompt;  ///< empty: the scenario's
    std::vector<turn> turns;    ///< at least one
    /// Tokens that the first turn's made-up prompts should have; 0: none is made up.
    std::uint64_t asked_tokens = 0;
    std::optional<std::uint32_t> max_tokens = {};  ///< of each answer; absent: the scenario's
};

/// One conversation, turn after turn: requests out, answers in. Pure.
class conversation {
  public:
    /// How the earlier turns reach the server.
    enum class history : std::uint8_t {
        resent,      ///< with every request
        remembered,  ///< the server keeps them under the id of its last answer
    };

    conversation(script says, history how) : script_(std::move(says)), history_(how) {}

    /// Of the request that is next, from 0.
    [[nodiscard]] std::uint32_t turn() const noexcept { return turn_; }
    [[nodiscard]] std::uint32_t turns() const noexcept {
        return static_cast<std::uint32_t>(script_.turns.size());
    }
    [[nodiscard]] bool is_last() const noexcept { return turn_ + 1 >= turns(); }

    /// Tokens that the request that is next should have; 0: nobody asked for a length.
    [[nodiscard]] std::uint64_t asked_tokens() const noexcept {
        return turn_ == 0 ? script_.asked_tokens : 0;
    }

    /// Puts the next turn into a request, whose views are valid until answered().
    void ask(api::chat_request& into) const;

    /// A later request holds the text of the next answer.
    [[nodiscard]] bool needs_text() const noexcept {
        return history_ == history::resent && !is_last();
    }
    /// A later request names the id of the next answer.
    [[nodiscard]] bool needs_id() const noexcept {
        return history_ == history::remembered && !is_last();
    }

    /// The turn was answered: its message text, without reasoning, and the id under which the
    /// server keeps it. Precondition: !is_last().
    void answered(std::string text, std::string id);

  private:
    script script_;
    history history_;
    std::uint32_t turn_ = 0;
    std::vector<api::chat_message> said_;  // all before this turn's prompt, where it is resent
    std::string last_answer_id_;
};

}  // namespace lmstress::workload
