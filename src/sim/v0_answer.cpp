// Answers of POST /api/v0/chat/completions and /api/v0/completions: OpenAI's, with the figures of
// LM Studio's engine. Its last chunk has them too, which LM Studio 0.3.8 was seen to leave out.

#include "sim/completions_answer.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::sim {
namespace {

template <class Route>
class v0_answer final : public Route {
  public:
    using Route::Route;

  private:
    [[nodiscard]] std::string figures(bool cut) const override {
        std::string object;
        wire::json_writer w{object};
        w.begin_object().key("stats").begin_object();
        w.field("tokens_per_second", this->tokens_per_second());
        w.field("time_to_first_token", this->seconds_to_first_token());
        w.field("generation_time", this->seconds_of_generation());
        w.field("stop_reason", cut                        ? "maxPredictedTokensReached"
                               : this->chat_.tool.empty() ? "eosFound"
                                                          : "toolCalls");
        this->write_draft(w);
        w.end_object();
        w.key("model_info").begin_object().field("arch", "built-in").field("quant", "Q4_K_M");
        w.field("format", "gguf").field("context_length", this->chat_.context_length).end_object();
        w.key("runtime").begin_object().field("name", "lmstress-sim").field("version", "0");
        w.key("supported_formats").begin_array().value("gguf").end_array().end_object();
        w.end_object();
        // The members without their braces: they stand beside others.
        return ',' + object.substr(1, object.size() - 2);
    }
};

}  // namespace

std::unique_ptr<generation> make_v0_answer(chat c, reply& to) {
    return std::make_unique<v0_answer<openai_answer>>(std::move(c), to);
}

std::unique_ptr<generation> make_v0_completions_answer(chat c, reply& to) {
    return std::make_unique<v0_answer<completions_answer>>(std::move(c), to);
}

}  // namespace lmstress::sim
