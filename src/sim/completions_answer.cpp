#include "sim/completions_answer.hpp"

#include "wire/json_writer.hpp"

namespace lmstress::sim {

openai_answer::object_names completions_answer::names() const {
    return {"cmpl", "text_completion", "text_completion"};
}

std::string completions_answer::piece(std::string_view word) const {
    std::string out = "\"text\":";
    wire::append_json_string(out, word);
    return out;
}

std::string completions_answer::whole_piece() const {
    return piece(whole_text());
}

std::unique_ptr<generation> make_completions_answer(chat c, reply& to) {
    return std::make_unique<completions_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
