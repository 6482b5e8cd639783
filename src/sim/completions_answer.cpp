// Answers of POST /v1/completions: a text goes on, where a chat has messages.

#include "sim/openai_answer.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::sim {
namespace {

class completions_answer final : public openai_answer {
  public:
    using openai_answer::openai_answer;

  private:
    [[nodiscard]] object_names names() const override {
        return {"cmpl", "text_completion", "text_completion"};
    }
    [[nodiscard]] std::string piece(std::string_view word) const override {
        std::string out = "\"text\":";
        wire::append_json_string(out, word);
        return out;
    }
    [[nodiscard]] std::string whole_piece() const override { return piece(whole_text()); }
};

}  // namespace

std::unique_ptr<generation> make_completions_answer(chat c, reply& to) {
    return std::make_unique<completions_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
