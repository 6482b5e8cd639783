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
    static constexpr std::string_view arguments = R"({"query":"a server"})";
    // What the ids of items begin with.
    static constexpr std::string_view of_reasoning = "rs_";
    static constexpr std::string_view of_message = "msg_";

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
    [[nodiscard]] std::string part_at(std::string_view kind) const {
        return fmt::format("\"item_id\":\"{}{}\",\"output_index\":{},\"content_index\":0", kind,
                           id_, index_);
    }

    static std::string part(std::string_view text) {
        std::string out;
        json_writer w{out};
        w.begin_object().field("type", "output_text").field("text", text);
        w.key("annotations").begin_array().end_array();
        w.key("logprobs").begin_array().end_array().end_object();
        return out;
    }
    static std::string thought(std::string_view text) {
        std::string out;
        json_writer{out}
            .begin_object()
            .field("type", "reasoning_text")
            .field("text", text)
            .end_object();
        return out;
    }

    /// What the model thinks before it answers; without content while it does.
    [[nodiscard]] std::string reasoning_item(status s) const {
        std::string out;
        json_writer w{out};
        w.begin_object().field("id", std::string{of_reasoning} + id_).field("type", "reasoning");
        w.field("status", word_for(s)).key("summary").begin_array().end_array();
        w.key("content").begin_array();
        if (s != status::in_progress) w.raw(thought(reasoning_text()));
        w.end_array().end_object();
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
        w.begin_object().field("id", std::string{of_message} + id_).field("type", "message");
        w.field("role", "assistant").field("status", word_for(s)).key("content").begin_array();
        if (s != status::in_progress) w.raw(part(whole_text()));
        w.end_array().end_object();
        return out;
    }

    [[nodiscard]] std::string mcp_item(std::string_view type, bool over) const {
        const bool call = type == "mcp_call";
        std::string out;
        json_writer w{out};
        w.begin_object().field("id", (call ? "mcp_" : "mcpl_") + id_).field("type", type);
        w.field("server_label", chat_.runs.server);
        if (call) {
            w.field("name", chat_.runs.name).field("arguments", over ? arguments : "");
            w.field("output", over && !tool_failed_ ? std::optional{"[]"} : std::nullopt);
        } else {
            w.key("tools").begin_array();
            if (over) w.begin_object().field("name", chat_.runs.name).end_object();
            w.end_array();
        }
        w.end_object();
        return out;
    }

    void mcp_event(std::string_view type, std::string_view more, instant now) {
        event(type,
              fmt::format("\"item_id\":\"{}{}\",\"output_index\":{}{}",
                          type.find("list") == std::string_view::npos ? "mcp_" : "mcpl_", id_,
                          index_, more),
              now);
    }
    void item_event(std::string_view type, std::string_view item, instant now) {
        event(type, fmt::format("\"output_index\":{},\"item\":{}", index_, item), now);
    }

    /// The server is asked for its tools, which takes it no time.
    void list_tools(instant now) {
        item_event("response.output_item.added", mcp_item("mcp_list_tools", false), now);
        mcp_event("response.mcp_list_tools.in_progress", "", now);
        mcp_event("response.mcp_list_tools.completed", "", now);
        item_event("response.output_item.done", mcp_item("mcp_list_tools", true), now);
        ++index_;
    }
    void on_tool_started(instant now) override {
        if (!chat_.stream) return;
        item_event("response.output_item.added", mcp_item("mcp_call", false), now);
        mcp_event("response.mcp_call.in_progress", "", now);
    }
    void on_tool_called(instant now) override {
        if (!chat_.stream) return;
        std::string text;
        wire::append_json_string(text, arguments);
        mcp_event("response.mcp_call_arguments.delta", ",\"delta\":" + text, now);
        mcp_event("response.mcp_call_arguments.done", ",\"arguments\":" + text, now);
    }
    void on_tool_ended(bool failed, instant now) override {
        tool_failed_ = failed;
        if (!chat_.stream) return;
        mcp_event(failed ? "response.mcp_call.failed" : "response.mcp_call.completed", "", now);
        item_event("response.output_item.done", mcp_item("mcp_call", true), now);
        ++index_;
    }

    [[nodiscard]] std::string usage() const {
        std::string out;
        json_writer w{out};
        w.begin_object().field("input_tokens", chat_.prompt_tokens);
        w.field("output_tokens", output_tokens());
        w.field("total_tokens", chat_.prompt_tokens + output_tokens());
        w.key("input_tokens_details")
            .begin_object()
            .field("cached_tokens", chat_.cached_tokens)
            .end_object();
        w.key("output_tokens_details").begin_object().field("reasoning_tokens", reasoned());
        w.end_object();
        w.end_object();
        return out;
    }

    [[nodiscard]] std::string response(status s, instant now) const {
        const bool over = s != status::in_progress;
        constexpr std::int64_t created = 1789917744;
        std::string out;
        json_writer w{out};
        w.begin_object().field("id", chat_.response_id).field("object", "response");
        w.field("created_at", created);
        if (over) w.field("completed_at", created + (now - opened_) / std::chrono::seconds{1});
        w.field("status", word_for(s)).key("incomplete_details");
        if (s == status::incomplete) {
            w.begin_object().field("reason", "max_output_tokens").end_object();
        } else {
            w.null();
        }
        w.field("model", instance_);
        w.field("previous_response_id", chat_.previous_response_id.empty()
                                            ? std::nullopt
                                            : std::optional{chat_.previous_response_id});
        w.key("output").begin_array();
        if (over && reasoned() > 0) w.raw(reasoning_item(answers() ? status::completed : s));
        if (over && answers()) w.raw(item(s));
        w.end_array().key("error").null().field("store", chat_.store).key("usage");
        w.raw(over ? usage() : "null").end_object();
        out.insert(out.size() - 1, chat_.echo);
        return out;
    }
    /// Something but reasoning has come.
    [[nodiscard]] bool answers() const noexcept { return tokens_ > reasoned(); }

    void on_opened(instant now) override {
        id_ = fmt::format("{:0>20}", chat_.request_id.substr(0, chat_.request_id.find('-')));
        opened_ = now;
        if (!chat_.stream) return;
        open_stream();
        const std::string begun = "\"response\":" + response(status::in_progress, now);
        event("response.created", begun, now);
        event("response.in_progress", begun, now);
        if (calls_tool()) list_tools(now);
    }

    void on_token(std::string_view word, const emission& e) override {
        if (!chat_.stream) return;
        if (reasons()) return reason(word, e);
        if (ends_reasoning()) end_reasoning(status::completed, e.due);
        const bool first = e.done == chat_.reasoning_tokens + 1;
        if (first) item_event("response.output_item.added", item(status::in_progress), e.due);
        // LM Studio was seen to send the arguments of a call in one piece, at its end.
        if (!chat_.tool.empty()) return;
        if (first) {
            event("response.content_part.added", part_at(of_message) + ",\"part\":" + part(""),
                  e.due);
        }
        event("response.output_text.delta",
              fmt::format("{},\"delta\":\"{}\",\"logprobs\":[]", part_at(of_message), word), e.due,
              "token");
    }

    void reason(std::string_view word, const emission& e) {
        if (e.done == 1) {
            item_event("response.output_item.added", reasoning_item(status::in_progress), e.due);
            event("response.content_part.added", part_at(of_reasoning) + ",\"part\":" + thought(""),
                  e.due);
        }
        event("response.reasoning_text.delta",
              fmt::format("{},\"delta\":\"{}\"", part_at(of_reasoning), word), e.due, "token");
    }
    void end_reasoning(status s, instant now) {
        std::string text;
        wire::append_json_string(text, reasoning_text());
        event("response.reasoning_text.done", part_at(of_reasoning) + ",\"text\":" + text, now);
        event("response.content_part.done",
              part_at(of_reasoning) + ",\"part\":" + thought(reasoning_text()), now);
        item_event("response.output_item.done", reasoning_item(s), now);
        ++index_;
    }

    void end_item(status s, instant now) {
        std::string text;
        wire::append_json_string(text, whole_text());
        if (!chat_.tool.empty()) {
            event("response.function_call_arguments.done",
                  fmt::format("\"item_id\":\"fc_{}\",\"output_index\":{},\"arguments\":{}", id_,
                              index_, text),
                  now, "token");
        } else {
            event("response.output_text.done", part_at(of_message) + ",\"text\":" + text, now);
            event("response.content_part.done",
                  part_at(of_message) + ",\"part\":" + part(whole_text()), now);
        }
        item_event("response.output_item.done", item(s), now);
    }

    void on_end(bool cut, instant now) override {
        const status s = cut ? status::incomplete : status::completed;
        if (!chat_.stream) {
            std::string body;
            json_writer{body, json_writer::style::indented}.laid_out(response(s, now));
            return send_whole(json_answer(200, body));
        }
        // A full context may end it while it still reasons.
        answers() ? end_item(s, now) : end_reasoning(s, now);
        event(cut ? "response.incomplete" : "response.completed",
              "\"response\":" + response(s, now), now, "done");
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
    std::uint64_t index_ = 0;  // of the item that is being made
    bool tool_failed_ = false;
    instant opened_{};
};

}  // namespace

std::unique_ptr<generation> make_responses_answer(chat c, reply& to) {
    return std::make_unique<responses_answer>(std::move(c), to);
}

}  // namespace lmstress::sim
