// Answers of POST /api/v1/chat, as LM Studio 0.4 gives them.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

using wire::json_writer;

class native_answer final : public generation {
  public:
    using generation::generation;

  private:
    static constexpr std::string_view arguments = R"({"query":"a server"})";

    void event(std::string_view type, std::string_view fields, instant due) {
        if (!chat_.stream) return;
        const std::string frame = fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}{2}}}\n\n",
                                              type, fields.empty() ? "" : ",", fields);
        send_event(type, frame, due);
    }
    [[nodiscard]] std::string instance_field() const {
        std::string out = "\"model_instance_id\":";
        wire::append_json_string(out, instance_);
        return out;
    }

    void on_opened(instant now) override {
        if (chat_.stream) open_stream();
        event("chat.start", instance_field(), now);
    }

    void on_load_started(instant now) override {
        event("model_load.start", instance_field(), now);
        event("model_load.progress", instance_field() + ",\"progress\":0", now);
    }

    void on_load_ended(instant now, double seconds) override {
        event("model_load.progress", instance_field() + ",\"progress\":1", now);
        event("model_load.end",
              fmt::format("{},\"load_time_seconds\":{}", instance_field(), seconds), now);
    }

    void on_prefill(const emission& e) override {
        using kind = emission::kind;
        if (e.what == kind::prefill_start) event("prompt_processing.start", "", e.due);
        if (e.what == kind::prefill_progress) {
            const double progress =
                static_cast<double>(e.done) / static_cast<double>(chat_.prompt_tokens);
            event("prompt_processing.progress", fmt::format("\"progress\":{}", progress), e.due);
        }
        if (e.what == kind::prefill_end) {
            event("prompt_processing.end", "", e.due);
            if (!calls_tool()) {
                event(chat_.reasoning_tokens > 0 ? "reasoning.start" : "message.start", "", e.due);
            }
        }
    }

    /// Members that every event of a call ends with.
    [[nodiscard]] std::string tool_fields(bool with_arguments) const {
        const tool_run& t = chat_.runs;
        std::string out;
        json_writer w{out};
        w.begin_object().field("tool", t.name);
        if (with_arguments) w.key("arguments").raw(arguments);
        w.key("provider_info").begin_object();
        w.field("type", t.plugin ? "plugin" : "ephemeral_mcp");
        w.field(t.plugin ? "plugin_id" : "server_label", t.server).end_object().end_object();
        return out.substr(1, out.size() - 2);
    }

    void on_tool_started(instant now) override {
        event("tool_call.start", tool_fields(false), now);
    }
    void on_tool_called(instant now) override {
        event("tool_call.arguments", tool_fields(true), now);
    }
    void on_tool_ended(bool failed, instant now) override {
        tool_failed_ = failed;
        tool_over_ = true;
        if (!failed) {
            return event("tool_call.success", tool_fields(true) + ",\"output\":\"[]\"", now);
        }
        std::string name;
        wire::append_json_string(name, chat_.runs.name);
        event("tool_call.failure",
              fmt::format("\"reason\":\"The tool did not answer.\",\"metadata\":{{\"type\":"
                          "\"invalid_arguments\",\"tool_name\":{}}}",
                          name),
              now);
    }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.stream) return;
        if (ends_reasoning()) {
            event("reasoning.end", "", e.due);
            event("message.start", "", e.due);
        }
        event(reasons() ? "reasoning.delta" : "message.delta",
              fmt::format("\"content\":\"{}\"", word), e.due);
    }

    [[nodiscard]] std::string result() const {
        std::string out;
        wire::json_writer w{out, chat_.stream ? wire::json_writer::style::compact
                                              : wire::json_writer::style::indented};
        w.begin_object().field("model_instance_id", instance_).key("output").begin_array();
        if (tool_over_ && !tool_failed_) {
            w.begin_object().field("type", "tool_call").field("tool", chat_.runs.name);
            w.key("arguments").raw(arguments).field("output", "[]").end_object();
        }
        if (reasoned() > 0) {
            w.begin_object().field("type", "reasoning").field("content", reasoning_text());
            w.end_object();
        }
        if (tokens_ > reasoned()) {
            w.begin_object().field("type", "message").field("content", whole_text()).end_object();
        }
        w.end_array().key("stats").begin_object();
        w.field("input_tokens", chat_.prompt_tokens).field("total_output_tokens", output_tokens());
        w.field("reasoning_output_tokens", reasoned());
        if (tokens_ > 0) {
            w.field("tokens_per_second", tokens_per_second());
            w.field("time_to_first_token_seconds", seconds_to_first_token());
        }
        if (load_seconds_ > 0) w.field("model_load_time_seconds", load_seconds_);
        w.end_object();
        if (chat_.store) w.field("response_id", chat_.response_id);
        w.end_object();
        return out;
    }

    void on_end(bool, instant now) override {
        if (chat_.stream) {
            const bool reasoning = reasoned() > 0 && tokens_ == reasoned();
            event(reasoning ? "reasoning.end" : "message.end", "", now);
            end_with_result(now);
        } else {
            send_whole(json_answer(200, result()));
        }
    }

    void end_with_result(instant now) {
        event("chat.end", "\"result\":" + result(), now);
        end_stream();
    }

    void on_failed(std::string_view message, instant now) override {
        std::string error;
        wire::json_writer w{error};
        w.begin_object().field("message", message).field("type", "internal_error");
        w.field("code", "unknown").field("param", std::optional<int>{}).end_object();
        if (chat_.stream) {
            event("error", "\"error\":" + error, now);
            end_with_result(now);
        } else {
            std::string body;
            wire::json_writer whole{body, wire::json_writer::style::indented};
            whole.begin_object().key("error").laid_out(error).end_object();
            send_whole(json_answer(500, body));
        }
    }

    bool tool_over_ = false;
    bool tool_failed_ = false;
};

}  // namespace

std::unique_ptr<generation> make_native_answer(chat c, reply& to) {
    return std::make_unique<native_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
