// Answers of POST /v1/chat/completions, as LM Studio 0.4 gives them.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

class openai_answer final : public generation {
  public:
    using generation::generation;

  private:
    /// The fields that every object of this route begins with.
    [[nodiscard]] std::string envelope(std::string_view object) const {
        std::string model;
        wire::append_json_string(model, instance_);
        return fmt::format(
            "{{\"id\":\"chatcmpl-{}\",\"object\":\"{}\",\"created\":1789917744,"
            "\"model\":{}",
            id_, object, model);
    }
    [[nodiscard]] std::string fingerprint() const {
        std::string out = ",\"system_fingerprint\":";
        wire::append_json_string(out, instance_);
        return out;
    }

    void chunk_event(std::string_view type, std::string_view rest, instant due) {
        send_event(type, fmt::format("data: {}{},{}}}\n\n", head_, fingerprint_, rest), due);
    }

    void on_opened(instant) override {
        // No letters or digits of chance, so that virtual time repeats to the byte.
        id_ = fmt::format("{:0>21}", chat_.request_id.substr(0, chat_.request_id.find('-')));
        head_ = envelope("chat.completion.chunk");
        fingerprint_ = fingerprint();
        if (chat_.stream) open_stream();
    }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.stream) return;
        const std::string_view role = e.done == 1 ? "\"role\":\"assistant\"," : "";
        chunk_event("token",
                    fmt::format("\"choices\":[{{\"index\":0,\"delta\":{{{}\"content\":\"{}\"}},"
                                "\"logprobs\":null,\"finish_reason\":null}}]",
                                role, word),
                    e.due);
    }

    [[nodiscard]] std::string usage() const {
        return fmt::format(
            "\"usage\":{{\"prompt_tokens\":{},\"completion_tokens\":{},"
            "\"total_tokens\":{},\"completion_tokens_details\":{{"
            "\"reasoning_tokens\":0}}}}",
            chat_.prompt_tokens, tokens_, chat_.prompt_tokens + tokens_);
    }

    void on_end(bool cut, instant now) override {
        const std::string_view reason = cut ? "length" : "stop";
        if (chat_.stream) {
            chunk_event("finish",
                        fmt::format("\"choices\":[{{\"index\":0,\"delta\":{{}},\"logprobs\":null,"
                                    "\"finish_reason\":\"{}\"}}]",
                                    reason),
                        now);
            if (chat_.include_usage) chunk_event("usage", "\"choices\":[]," + usage(), now);
            send_event("done", "data: [DONE]\n\n", now);
            end_stream();
        } else {
            std::string text;
            wire::append_json_string(text, text_);
            send_whole(json_answer(
                200,
                fmt::format("{},\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\","
                            "\"content\":{},\"reasoning_content\":\"\",\"tool_calls\":[]}},"
                            "\"logprobs\":null,\"finish_reason\":\"{}\"}}],{},\"stats\":{{}}{}}}",
                            envelope("chat.completion"), text, reason, usage(), fingerprint_)));
        }
    }

    void on_failed(std::string_view message, instant now) override {
        std::string text;
        wire::append_json_string(text, message);
        if (chat_.stream) {
            send_event(
                "error",
                fmt::format("event: error\ndata: {{\"error\":{{\"message\":{}}}}}\n\n", text), now);
            end_stream();
        } else {
            send_whole(json_answer(400, fmt::format("{{\n    \"error\": {}\n}}", text)));
        }
    }

    std::string id_;
    std::string head_;
    std::string fingerprint_;
};

}  // namespace

std::unique_ptr<generation> make_openai_answer(chat c, reply& to) {
    return std::make_unique<openai_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
