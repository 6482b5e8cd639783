// Answers on the channel "predict" of the SDK's socket
// (https://github.com/lmstudio-ai/lmstudio-js, packages/lms-external-backend-interfaces/src,
// llmBackendInterface.ts): each event is one message of the channel.

#include "sim/generation.hpp"
#include "sim/request_json.hpp"
#include "wire/json_value.hpp"
#include "wire/json_writer.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace lmstress::sim {
namespace {

namespace json = boost::json;

class sdk_answer final : public generation {
  public:
    sdk_answer(chat c, std::string model_info, reply& to)
        : generation(std::move(c), to), model_info_(std::move(model_info)) {}

  private:
    /// It may be another model that answers, by a fault.
    void on_opened(instant) override {
        json::object info = *parse_object(model_info_);
        info["identifier"] = instance_;
        model_info_ = wire::json_text(info);
    }

    /// LM Studio tells it at 0 and at 1, and now and then between.
    void on_prefill(const emission& e) override {
        if (e.what == emission::kind::prefill_end) return;
        // Tokens from the cache are done from the beginning.
        const std::uint64_t done = std::max(e.done, chat_.cached_tokens);
        const std::uint64_t wanted = chat_.prompt_tokens - chat_.cached_tokens;
        std::string out;
        wire::json_writer w{out};
        w.begin_object().field("type", "promptProcessingProgress");
        w.field("progress",
                static_cast<double>(done - chat_.cached_tokens) / static_cast<double>(wanted));
        w.key("details").begin_object().field("cachedTokenCount", chat_.cached_tokens);
        w.field("totalPromptTokenCount", chat_.prompt_tokens);
        w.field("processedPromptTokenCount", done - chat_.cached_tokens);
        w.field("unprocessedPromptTokenCount", chat_.prompt_tokens - done);
        w.end_object().end_object();
        send_event("promptProcessingProgress", out, e.due);
    }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.tool.empty()) return write_call(word, e);
        std::string out;
        wire::json_writer w{out};
        w.begin_object().field("type", "fragment").key("fragment").begin_object();
        w.key("content").raw(std::string{'"'}.append(word).append(1, '"')).field("tokensCount", 1);
        w.field("containsDrafted", !chat_.draft_model.empty());
        w.field("reasoningType", reasons() ? "reasoning" : "none").field("isStructural", false);
        w.end_object().end_object();
        send_event("fragment", out, e.due);
    }

    /// LM Studio tells the name with the first token, and the call whole at its end.
    void write_call(std::string_view piece, const emission& e) {
        if (e.done == 1) {
            call_event("toolCallGenerationStart", "toolCallId", call_id(), e.due);
            call_event("toolCallGenerationNameReceived", "name", chat_.tool, e.due);
        }
        send_event("token",
                   fmt::format(R"({{"type":"toolCallGenerationArgumentFragmentGenerated",)"
                               R"("content":"{}"}})",
                               piece),
                   e.due);
    }
    void call_event(std::string_view type, std::string_view key, std::string_view value,
                    instant due) {
        std::string out;
        wire::json_writer{out}.begin_object().field("type", type).field(key, value).end_object();
        send_event(type, out, due);
    }
    void end_call(bool cut, instant now) {
        std::string out;
        wire::json_writer w{out};
        w.begin_object();
        if (cut) {
            const char* title = "The call of the tool was cut short";
            w.field("type", "toolCallGenerationFailed").key("error").begin_object();
            w.field("title", title).field("rootTitle", title).end_object();
        } else {
            w.field("type", "toolCallGenerationEnd").key("toolCallRequest").begin_object();
            w.field("id", call_id()).field("type", "function").field("name", chat_.tool);
            w.key("arguments").raw(whole_text()).end_object();
        }
        w.field("rawContent", whole_text()).end_object();
        send_event("toolCallGenerationEnd", out, now);
    }

    void on_end(bool cut, instant now) override {
        const bool full = cut && tokens_ < chat_.max_tokens;
        const bool call = !chat_.tool.empty();
        if (call) end_call(cut, now);
        succeed(full   ? "contextLengthReached"
                : cut  ? "maxPredictedTokensReached"
                : call ? "toolCalls"
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
        w.field("totalTokensCount", chat_.prompt_tokens + tokens_);
        if (!chat_.draft_model.empty()) {
            const guesses of = of_draft();
            w.field("usedDraftModelKey", chat_.draft_model);
            w.field("totalDraftTokensCount", of.total);
            w.field("acceptedDraftTokensCount", of.right);
            w.field("rejectedDraftTokensCount", of.wrong);
            w.field("ignoredDraftTokensCount", of.unused);
        }
        w.end_object();
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
