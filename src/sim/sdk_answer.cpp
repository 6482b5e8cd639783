// Answers on the channel "predict" of the SDK's socket
// (https://github.com/lmstudio-ai/lmstudio-js, packages/lms-external-backend-interfaces/src,
// llmBackendInterface.ts): each event is one message of the channel.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

namespace lmstress::sim {
namespace {

class sdk_answer final : public generation {
  public:
    sdk_answer(chat c, std::string model_info, reply& to)
        : generation(std::move(c), to), model_info_(std::move(model_info)) {}

  private:
    void on_opened(instant) override {}

    /// LM Studio tells it at 0 and at 1, and now and then between.
    void on_prefill(const emission& e) override {
        if (e.what == emission::kind::prefill_end) return;
        std::string out;
        wire::json_writer w{out};
        w.begin_object().field("type", "promptProcessingProgress");
        w.field("progress", static_cast<double>(e.done) / static_cast<double>(chat_.prompt_tokens));
        w.key("details").begin_object().field("cachedTokenCount", 0);
        w.field("totalPromptTokenCount", chat_.prompt_tokens);
        w.field("processedPromptTokenCount", e.done);
        w.field("unprocessedPromptTokenCount", chat_.prompt_tokens - e.done);
        w.end_object().end_object();
        send_event("promptProcessingProgress", out, e.due);
    }

    void on_token(std::string_view word, const emission& e) override {
        std::string out;
        wire::json_writer w{out};
        w.begin_object().field("type", "fragment").key("fragment").begin_object();
        w.field("content", word).field("tokensCount", 1).field("containsDrafted", false);
        w.field("reasoningType", "none").field("isStructural", false).end_object().end_object();
        send_event("fragment", out, e.due);
    }

    void on_end(bool cut, instant now) override {
        const bool full = cut && tokens_ < chat_.max_tokens;
        succeed(full  ? "contextLengthReached"
                : cut ? "maxPredictedTokensReached"
                      : "eosFound",
                now);
    }
    void on_cancelled(instant now) override { succeed("userStopped", now); }

    void succeed(std::string_view reason, instant now) {
        std::string out;
        wire::json_writer w{out};
        w.begin_object().field("type", "success").key("stats").begin_object();
        w.field("stopReason", reason);
        if (tokens_ > 0) {
            w.field("tokensPerSecond", tokens_per_second());
            w.field("timeToFirstTokenSec", seconds_to_first_token());
            w.field("totalTimeSec", seconds_to_first_token() + seconds_of_generation());
        }
        w.field("promptTokensCount", chat_.prompt_tokens).field("predictedTokensCount", tokens_);
        w.field("totalTokensCount", chat_.prompt_tokens + tokens_).end_object();
        w.key("modelInfo").raw(model_info_);
        for (const char* config : {"loadModelConfig", "predictionConfig"}) {
            w.key(config).begin_object().key("fields").begin_array().end_array().end_object();
        }
        w.end_object();
        send_event("success", out, now);
        end_stream();
    }

    void on_failed(std::string_view message, instant) override { send_whole(message); }

    std::string model_info_;
};

}  // namespace

std::unique_ptr<generation> make_sdk_answer(chat c, std::string model_info, reply& to) {
    return std::make_unique<sdk_answer>(std::move(c), std::move(model_info), to);
}

}  // namespace lmstress::sim
