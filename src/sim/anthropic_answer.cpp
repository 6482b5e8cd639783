// Answers of POST /v1/messages, as LM Studio 0.4 gives them: Anthropic's, with all counts said
// again at the end, and without pings.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

class anthropic_answer final : public generation {
  public:
    using generation::generation;

  private:
    void event(std::string_view what, std::string_view type, std::string_view fields, instant due) {
        if (!chat_.stream) return;
        const std::string frame = fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}{2}}}\n\n",
                                              type, fields.empty() ? "" : ",", fields);
        send_event(what, frame, due);
    }

    /// A message as it begins, or whole.
    [[nodiscard]] std::string message(std::string_view content, std::string_view stop_reason,
                                      std::string_view usage) const {
        std::string model;
        wire::append_json_string(model, instance_);
        return fmt::format(
            "{{\"id\":\"msg_{:0>21}\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{}],"
            "\"model\":{},\"stop_reason\":{},\"stop_sequence\":null,\"usage\":{{{}}}}}",
            chat_.request_id.substr(0, chat_.request_id.find('-')), content, model, stop_reason,
            usage);
    }
    [[nodiscard]] std::string input_usage() const {
        return fmt::format("\"input_tokens\":{},\"output_tokens\":{}",
                           chat_.prompt_tokens - chat_.cached_tokens, 0);
    }
    [[nodiscard]] std::string whole_usage() const {
        return fmt::format(
            "\"input_tokens\":{},\"output_tokens\":{},\"cache_read_input_tokens\":{}",
            chat_.prompt_tokens - chat_.cached_tokens, tokens_, chat_.cached_tokens);
    }

    /// What the model thought; on the wire it is sealed.
    [[nodiscard]] static std::string thinking_block(std::string_view thought,
                                                    std::string_view seal) {
        std::string out;
        wire::json_writer{out}
            .begin_object()
            .field("type", "thinking")
            .field("thinking", thought)
            .field("signature", seal)
            .end_object();
        return out;
    }

    /// The last block of the answer: its text, or its call of a tool.
    [[nodiscard]] std::string block(std::string_view text, std::string_view input) const {
        std::string out;
        wire::json_writer w{out};
        w.begin_object();
        if (chat_.tool.empty()) {
            w.field("type", "text").field("text", text);
        } else {
            w.field("type", "tool_use").field("id", call_id()).field("name", chat_.tool);
            w.key("input").raw(input);
        }
        w.end_object();
        return out;
    }

    void on_opened(instant) override {
        if (chat_.stream) open_stream();
    }

    /// Nothing is sent before: a prompt that is too long brings its error alone.
    void on_prefill(const emission& e) override {
        if (e.what != emission::kind::prefill_end) return;
        event("message_start", "message_start", "\"message\":" + message("", "null", input_usage()),
              e.due);
        begin_block(chat_.reasoning_tokens > 0 ? thinking_block("", "") : block("", "{}"), e.due);
    }

    void begin_block(const std::string& content, instant due) {
        event("content_block_start", "content_block_start",
              fmt::format("\"index\":{},\"content_block\":{}", index_, content), due);
    }
    void end_block(instant due) {
        event("content_block_stop", "content_block_stop", fmt::format("\"index\":{}", index_), due);
    }
    void delta(std::string_view what, std::string_view member, std::string_view text, instant due) {
        event(what, "content_block_delta",
              fmt::format("\"index\":{},\"delta\":{{{}:\"{}\"}}", index_, member, text), due);
    }
    void seal_thinking(instant due) {
        delta("signature", R"("type":"signature_delta","signature")", signature, due);
        end_block(due);
    }

    void on_token(std::string_view word, const emission& e) override {
        if (reasons()) {
            return delta("token", R"("type":"thinking_delta","thinking")", word, e.due);
        }
        if (ends_reasoning()) {
            seal_thinking(e.due);
            ++index_;
            begin_block(block("", "{}"), e.due);
        }
        if (chat_.tool.empty()) {
            delta("token", R"("type":"text_delta","text")", word, e.due);
        } else if (!chat_.whole_arguments) {
            delta("token", of_input, word, e.due);
        }
    }

    [[nodiscard]] std::string whole_content(bool cut) const {
        std::string out = reasoned() > 0 ? thinking_block(reasoning_text(), signature) : "";
        if (reasoned() > 0 && tokens_ == reasoned()) return out;
        // What is cut short is no JSON, and its block has no input.
        const std::string input = cut ? "{}" : whole_text();
        return out + (out.empty() ? "" : ",") + block(whole_text(), input);
    }

    void on_end(bool cut, instant now) override {
        const std::string_view reason = cut                  ? "\"max_tokens\""
                                        : chat_.tool.empty() ? "\"end_turn\""
                                                             : "\"tool_use\"";
        if (chat_.stream) {
            if (chat_.whole_arguments && !chat_.tool.empty()) {
                std::string text;
                wire::append_json_string(text, whole_text());
                const auto all = std::string_view{text}.substr(1, text.size() - 2);
                delta("token", of_input, all, now);
            }
            const bool thinking = reasoned() > 0 && tokens_ == reasoned();
            thinking ? seal_thinking(now) : end_block(now);
            event("finish", "message_delta",
                  fmt::format("\"delta\":{{\"stop_reason\":{},\"stop_sequence\":null}},"
                              "\"usage\":{{{}}}",
                              reason, whole_usage()),
                  now);
            event("done", "message_stop", "", now);
            end_stream();
        } else {
            send_whole(json_answer(200, message(whole_content(cut), reason, whole_usage())));
        }
    }

    void on_failed(std::string_view message, instant now) override {
        std::string error = "\"error\":{\"type\":\"api_error\",\"message\":";
        wire::append_json_string(error, message);
        error += '}';
        if (chat_.stream) {
            event("error", "error", error, now);
            end_stream();
        } else {
            send_whole(json_answer(400, "{\"type\":\"error\"," + error + '}'));
        }
    }

    static constexpr std::string_view of_input = R"("type":"input_json_delta","partial_json")";
    static constexpr std::string_view signature = "bG1zdHJlc3M=";
    int index_ = 0;  // of the block under way
};

}  // namespace

std::unique_ptr<generation> make_anthropic_answer(chat c, reply& to) {
    return std::make_unique<anthropic_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
