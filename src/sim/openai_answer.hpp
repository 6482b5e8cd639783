#pragma once

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <string>
#include <string_view>

namespace lmstress::sim {

/// Answers of POST /v1/chat/completions, as LM Studio 0.4 gives them. Other routes that stream in
/// OpenAI's chunks say what is different.
class openai_answer : public generation {
  public:
    using generation::generation;

  protected:
    /// What this route calls its objects.
    struct object_names {
        std::string_view id;  ///< what an id begins with
        std::string_view chunk;
        std::string_view whole;
    };

    [[nodiscard]] virtual object_names names() const {
        return {"chatcmpl", "chat.completion.chunk", "chat.completion"};
    }
    /// The member of a chunk's choice that holds a token; or none of it, in the last one.
    [[nodiscard]] virtual std::string piece(std::string_view word) const;
    /// The member of the choice that holds all of them, where it is not streamed.
    [[nodiscard]] virtual std::string whole_piece() const;
    /// The engine's figures, for the last chunk that has a choice and for a whole answer: members,
    /// each after a comma. None where the route has none.
    [[nodiscard]] virtual std::string figures(bool cut) const;
    /// The members of `stats` that tell of a draft model; none without one.
    void write_draft(wire::json_writer& w) const;

  private:
    [[nodiscard]] std::string envelope(std::string_view object) const;
    [[nodiscard]] std::string usage() const;
    [[nodiscard]] std::string_view reasoning_name() const;
    [[nodiscard]] std::string tool_call(std::string_view arguments) const;
    [[nodiscard]] std::string call_begins() const;
    void chunk_event(std::string_view type, std::string_view rest, instant due);

    void on_opened(instant now) override;
    void on_token(std::string_view word, const emission& e) override;
    void on_end(bool cut, instant now) override;
    void on_failed(std::string_view message, instant now) override;

    std::string id_;
    std::string head_;
    std::string fingerprint_;
};

}  // namespace lmstress::sim
