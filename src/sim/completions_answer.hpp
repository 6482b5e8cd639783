#pragma once

#include "sim/openai_answer.hpp"

#include <string>
#include <string_view>

namespace lmstress::sim {

/// Answers of POST /v1/completions: a text goes on, where a chat has messages.
class completions_answer : public openai_answer {
  public:
    using openai_answer::openai_answer;

  private:
    [[nodiscard]] object_names names() const override;
    [[nodiscard]] std::string piece(std::string_view word) const override;
    [[nodiscard]] std::string whole_piece() const override;
};

}  // namespace lmstress::sim
