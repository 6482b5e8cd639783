// Answers of POST /v1/responses, as LM Studio 0.4 gives them; where nobody has shown a stream of
// its, as OpenAI documents them.

#include "sim/generation.hpp"
#include "wire/json_writer.hpp"

#include <fmt/format.h>

namespace lmstress::sim {
namespace {

using wire::json_writer;

class responses_answer final : public generation {
  public:
    using generation::generation;

  private:
    enum class status : std::uint8_t { in_progress, completed, incomplete };

    static std::string_view word_for(status s) {
        switch (s) {
            case status::in_progress:
                return "in_progress";
            case status::completed:
                return "completed";
            case status::incomplete:
                break;
        }
        return "incomplete";
    }

    /// `logged_as` is the type in the truth log where that is not the event's own: what bears a
    /// token and what ends an answer are called the same on all of OpenAI's routes.
    void event(std::string_view type, std::string_view members, instant due,
               std::string_view logged_as = {}) {
        send_event(
            logged_as.empty() ? type : logged_as,
            fmt::format("event: {0}\ndata: {{\"type\":\"{0}\",\"sequence_number\":{1},{2}}}\n\n",
                        type, sequence_++, members),
            due);
    }

    /// Which item, or which part of it, an event is about.
    [[nodiscard]] std::string part_at() const {
        return fmt::format("\"item_id\":\"msg_{}\",\"output_index\":0,\"content_index\":0", id_);
    }

    static std::string part(std::string_view text) {
        std::string out;
        json_writer w{out};
        w.begin_object().field("type", "output_text").field("text", text);
        w.key("annotations").begin_array().end_array();
        w.key("logprobs").begin_array().end_array().end_object();
        return out;
    }

    /// The message or the call, without content while it is being made.
    [[nodiscard]] std::string item(status s) const {
        std::string out;
        json_writer w{out};
        if (!chat_.tool.empty()) {
            w.begin_object().field("id", "fc_" + id_).field("type", "function_call");
            w.field("status", word_for(s)).field("call_id", call_id()).field("name", chat_.tool);
            w.field("arguments", s == status::in_progress ? "" : whole_text()).end_object();
            return out;
        }
        w.begin_object().field("id", "msg_" + id_).field("type", "message");
        w.field("role", "assistant").field("status", word_for(s)).key("content").begin_array();
        if (s != status::in_progress) w.raw(part(whole_text()));
        w.end_array().end_object();
        return out;
    }

    [[nodiscard]] std::string usage() const {
        std::string out;
        json_writer w{out};
        w.begin_object().field("input_tokens", chat_.prompt_tokens);
        w.field("output_tokens", tokens_).field("total_tokens", chat_.prompt_tokens + tokens_);
        w.key("input_tokens_details").begin_object().field("cached_tokens", 0).end_object();
        w.key("output_tokens_details").begin_object().field("reasoning_tokens", 0).end_object();
        w.end_object();
        return out;
    }

    [[nodiscard]] std::string response(status s) const {
        const bool over = s != status::in_progress;
        std::string out;
        json_writer w{out};
        w.begin_object().field("id", fmt::format("resp_{:0>48}", id_)).field("object", "response");
        w.field("created_at", 1789917744).field("status", word_for(s)).key("incomplete_details");
        if (s == status::incomplete) {
            w.begin_object().field("reason", "max_output_tokens").end_object();
        } else {
            w.null();
        }
        w.field("model", instance_).key("output").begin_array();
        if (over && tokens_ > 0) w.raw(item(s));
        w.end_array().key("error").null().field("store", chat_.store).key("usage");
        w.raw(over ? usage() : "null").end_object();
        return out;
    }

    void on_opened(instant now) override {
        id_ = fmt::format("{:0>20}", chat_.request_id.substr(0, chat_.request_id.find('-')));
        if (!chat_.stream) return;
        open_stream();
        const std::string begun = "\"response\":" + response(status::in_progress);
        event("response.created", begun, now);
        event("response.in_progress", begun, now);
    }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.stream) return;
        if (e.done == 1) {
            event("response.output_item.added",
                  "\"output_index\":0,\"item\":" + item(status::in_progress), e.due);
        }
        // LM Studio was seen to send the arguments of a call in one piece, at its end.
        if (!chat_.tool.empty()) return;
        if (e.done == 1) {
            event("response.content_part.added", part_at() + ",\"part\":" + part(""), e.due);
        }
        event("response.output_text.delta",
              fmt::format("{},\"delta\":\"{}\",\"logprobs\":[]", part_at(), word), e.due, "token");
    }

    void on_end(bool cut, instant now) override {
        const status s = cut ? status::incomplete : status::completed;
        if (!chat_.stream) {
            std::string body;
            json_writer{body, json_writer::style::indented}.laid_out(response(s));
            return send_whole(json_answer(200, body));
        }
        std::string text;
        wire::append_json_string(text, whole_text());
        if (!chat_.tool.empty()) {
            event(
                "response.function_call_arguments.done",
                fmt::format("\"item_id\":\"fc_{}\",\"output_index\":0,\"arguments\":{}", id_, text),
                now, "token");
        } else {
            event("response.output_text.done", part_at() + ",\"text\":" + text, now);
            event("response.content_part.done", part_at() + ",\"part\":" + part(whole_text()), now);
        }
        event("response.output_item.done", "\"output_index\":0,\"item\":" + item(s), now);
        event(cut ? "response.incomplete" : "response.completed", "\"response\":" + response(s),
              now, "done");
        end_stream();
    }

    void on_failed(std::string_view message, instant now) override {
        std::string error;
        json_writer w{error};
        w.begin_object().field("message", message).field("type", "internal_error");
        w.key("param").null().field("code", "unknown").end_object();
        if (chat_.stream) {
            event("error", "\"error\":" + error, now);
            end_stream();
        } else {
            std::string body;
            json_writer whole{body, json_writer::style::indented};
            whole.begin_object().key("error").laid_out(error).end_object();
            send_whole(json_answer(500, body));
        }
    }

    std::string id_;
    std::uint64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<generation> make_responses_answer(chat c, reply& to) {
    return std::make_unique<responses_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
